import Measures
import SiteSimulation
import Testing

@Suite struct USHolidaysTests {
    /// As the Office of Personnel Management lists them.
    @Test(arguments: [
        (
            2_025,
            "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"
        ),
        (
            2_026,
            "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"
        ),
        (
            2_027,
            "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"
        ),
        (
            2_017,
            "01-02 01-16 02-20 05-29 07-04 09-04 10-09 11-10 11-23 12-25"
        ),
    ])
    func `are the days that are observed`(year: Int, days: String) {
        let found = USHolidays.days(ofYear: year).sorted().map { String($0.description.dropFirst(5)) }
        #expect(found == days.split(separator: " ").map(String.init))
    }
}
