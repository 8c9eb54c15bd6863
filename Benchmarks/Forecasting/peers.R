# Times R on one series in CPU time: fits of a given order (stats::arima) or an order search (forecast::auto.arima).
# usage: Rscript peers.R fit|search FILE SEASON ROUNDS [p d q P D Q METHOD]
# Prints: seconds, log-likelihood, peak memory in MB, note, coefficients; separated by tabs. The first fit is not counted.
arguments <- commandArgs(TRUE)
season <- as.integer(arguments[3])
series <- ts(scan(arguments[2], quiet = TRUE), frequency = season)
rounds <- as.integer(arguments[4])

if (arguments[1] == "fit") {
    order <- as.integer(arguments[5:10])
    work <- function() {
        fit <- arima(series, order = order[1:3], seasonal = list(order = order[4:6], period = season),
            include.mean = FALSE, method = arguments[11])
        predict(fit, n.ahead = season)
        fit
    }
    note <- function(fit) ""
} else {
    suppressMessages(library(forecast))
    work <- function() auto.arima(series)
    note <- function(fit) {
        a <- fit$arma
        sprintf("(%d,%d,%d)(%d,%d,%d), its AICc %.2f", a[1], a[6], a[2], a[3], a[7], a[4], fit$aicc)
    }
}
invisible(arima(log(AirPassengers), c(0, 1, 1), list(order = c(0, 1, 1), period = 12)))
spent <- function() sum(proc.time()[c("user.self", "sys.self")])
times <- numeric(0)
# The clock ticks in hundredths of a second: short work is repeated within a round.
repeats <- if (arguments[1] == "fit" && season == 12) 20 else 1
for (round in seq_len(rounds)) {
    start <- spent()
    for (i in seq_len(repeats)) fit <- work()
    times <- c(times, (spent() - start) / repeats)
}
status <- readLines("/proc/self/status")
peak <- as.numeric(gsub("[^0-9]", "", grep("VmHWM", status, value = TRUE))) / 1024
named <- coef(fit)
cat(sprintf("%.6f", median(times)), sprintf("%.8f", fit$loglik), sprintf("%.0f", peak), note(fit),
    paste(names(named), sprintf("%.15g", named), sep = "=", collapse = " "), sep = "\t")
cat("\n")
