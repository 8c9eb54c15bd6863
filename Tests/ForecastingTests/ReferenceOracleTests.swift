import Forecasting
import Testing

/// The 32 cases whose exact likelihoods, maxima and forecasts were computed by dense algebra elsewhere.
@Suite(.enabled(if: SharedData.isPresent))
struct ReferenceOracleTests {
    @Test func `the likelihood at every probe agrees within 1e-6`() throws {
        let cases = try ReferenceCase.all()
        #expect(cases.count == 32)
        for item in cases {
            let values = try item.values()
            let fit = try ARIMA.evaluate(
                values, order: item.modelOrder, regressors: item.regressors(count: values.count).past,
                at: item.coefficients(item.probe.params))
            let difference = fit.logLikelihood - item.probe.loglik
            #expect(difference.magnitude <= 1e-6, "\(item.id): \(difference)")
            #expect((fit.variance / item.probe.sigma2 - 1).magnitude < 1e-6, "\(item.id)")
        }
    }

    @Test func `every fit reaches the exact maximum within 1e-4`() throws {
        for item in try ReferenceCase.all() {
            let values = try item.values()
            let past = try item.regressors(count: values.count).past
            let fit = try ARIMA.fit(values, order: item.modelOrder, regressors: past)
            #expect(fit.logLikelihood >= item.exact.loglik - 1e-4, "\(item.id): \(fit.logLikelihood)")
        }
    }

    @Test func `forecasts at the stored optimum agree`() throws {
        for item in try ReferenceCase.all() {
            let values = try item.values()
            let regressors = try item.regressors(count: values.count)
            let fit = try ARIMA.evaluate(
                values, order: item.modelOrder, regressors: regressors.past, at: item.coefficients(item.exact.coef))
            #expect((fit.aicc - item.exact.aicc).magnitude < 1e-6, "\(item.id)")
            #expect((fit.bic - item.exact.bic).magnitude < 1e-6, "\(item.id)")
            let forecast = try fit.forecast(steps: 12, futureRegressors: regressors.future)
            for step in 0..<12 {
                let error = item.exact.forecast.se[step]
                #expect(
                    (forecast.mean[step] - item.exact.forecast.mean[step]).magnitude <= 1e-3 * error,
                    "\(item.id) step \(step)")
                #expect((forecast.standardError[step] / error - 1).magnitude <= 1e-4, "\(item.id) step \(step)")
            }
        }
    }
}
