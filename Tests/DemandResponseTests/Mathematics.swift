import Glibc

func logarithm(_ x: Double) -> Double { log(x) }
func cosine(_ x: Double) -> Double { cos(x) }
func normalProbability(below x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
