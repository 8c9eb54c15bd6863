/// Where a drawing's colours come from.
public enum PlotStyle: Sendable, Hashable {
    /// The style sheet is part of the drawing: for a file, or a page that allows inline styles.
    case embedded
    /// The page links ``Plot/styleSheet``: for a page whose content-security policy forbids inline styles.
    case linked
}

extension Plot {
    /// The style of all plots, by day and by night. All selectors begin with `.plot`. Colours are those that people with
    /// any colour vision tell apart; lines differ in dash as well.
    ///
    /// A page may set `data-bs-theme` (`light` or `dark`) above the plot; otherwise the system's choice holds.
    public static let styleSheet = """
        .plot{\(light);font-family:system-ui,sans-serif;max-width:100%;height:auto}
        @media(prefers-color-scheme:dark){.plot{\(dark)}}
        [data-bs-theme=light] .plot{\(light)}
        [data-bs-theme=dark] .plot{\(dark)}
        .plot .paper{fill:var(--paper)}
        .plot text{fill:var(--soft);font-size:12px}
        .plot .heading{fill:var(--ink);font-size:16px;font-weight:600}
        .plot .name{fill:var(--ink)}
        .plot .rule{stroke:var(--rule);stroke-width:1}
        .plot .axis{stroke:var(--soft);stroke-width:1}
        .plot .line{fill:none;stroke-width:1.75;stroke-linejoin:round}
        .plot .line.forecast{stroke-dasharray:6 3}
        .plot .line.baseline{stroke-dasharray:2 3}
        .plot .line.limit{stroke-dasharray:9 4}
        .plot .moment{stroke:var(--soft);stroke-dasharray:3 3}
        .plot .area{stroke:none;fill-opacity:.18}
        .plot .area.deep{fill-opacity:.34}
        .plot .window{fill-opacity:.14;stroke-opacity:.6;stroke-width:1}
        .plot .solid{fill-opacity:.85;stroke:var(--paper);stroke-width:.5}
        \(roles)
        """

    private static let light = """
        --ink:#1f2937;--soft:#6b7280;--rule:#e5e7eb;--paper:#fff;--actual:#1f2937;--forecast:#0072b2;--baseline:#8a5a00;\
        --event:#d55e00;--limit:#b3261e;--price:#8f4a78;--m0:#0072b2;--m1:#e69f00;--m2:#009e73;--m3:#cc79a7;--m4:#56b4e9;\
        --m5:#d55e00
        """

    private static let dark = """
        --ink:#f3f4f6;--soft:#9ca3af;--rule:#374151;--paper:#111827;--actual:#e5e7eb;--forecast:#56b4e9;--baseline:#f0c35e;\
        --event:#ff8a3d;--limit:#ff7b72;--price:#e3a6cb;--m0:#2f7fc1
        """

    private static let roles: String = {
        let named = ["actual", "forecast", "baseline", "event", "limit", "price"].map { ($0, $0) }
        let members = (0..<6).map { ("member\($0)", "m\($0)") }
        return (named + members).map { role, colour in
            ".plot .line.\(role){stroke:var(--\(colour))}"
                + ".plot .area.\(role),.plot .solid.\(role){fill:var(--\(colour))}"
                + ".plot .window.\(role){fill:var(--\(colour));stroke:var(--\(colour))}"
        }.joined(separator: "\n")
    }()
}
