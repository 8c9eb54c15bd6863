import Testing

@testable import WebServer

@Suite struct MetricsRegistryTests {
    @Test func `series are printed in order, with help, type and escaped labels`() {
        let metrics = MetricsRegistry()
        metrics.count("b_total", help: "Second.", labels: ["reason": "a \"quoted\\\" word\n"])
        metrics.count("b_total", help: "Second.", labels: ["reason": "size"], by: 2)
        metrics.set("a_seconds", help: "First.", to: 1.5)
        #expect(
            metrics.exposition() == """
                # HELP a_seconds First.
                # TYPE a_seconds gauge
                a_seconds 1.5
                # HELP b_total Second.
                # TYPE b_total counter
                b_total{reason="a \\"quoted\\\\\\" word\\n"} 1.0
                b_total{reason="size"} 2.0

                """)
    }

    @Test func `concurrent counts are all counted`() async {
        let metrics = MetricsRegistry()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<1_000 { metrics.count("n_total", help: "n") } }
            }
        }
        #expect(metrics.value("n_total") == 8_000)
    }

    @Test func `a counter adds to its series, and is not shown before it counts`() {
        let metrics = MetricsRegistry()
        let counters = (0..<2).map { _ in metrics.counter("c_total", help: "c", labels: ["a": "b"]) }
        #expect(metrics.exposition().isEmpty)
        metrics.count("c_total", help: "c", labels: ["a": "b"], by: 2)
        for counter in counters { counter.increment() }
        #expect(metrics.value("c_total", labels: ["a": "b"]) == 4)
        #expect(metrics.exposition() == "# HELP c_total c\n# TYPE c_total counter\nc_total{a=\"b\"} 4.0\n")
    }
}
