import Plots

extension Plot {
    /// For a page, as HTML: a drawing for wide screens and one for phones, whose letters can be read there. The style sheet shows
    /// the one that fits.
    func html(id: String) -> String {
        var narrow = self
        narrow.width = 340
        narrow.height = 320
        return """
            <div class="for-wide">\(svg(id: id, style: .linked))</div>
            <div class="for-narrow">\(narrow.svg(id: "\(id)-narrow", style: .linked))</div>
            """
    }
}
