/// Leaves out what cannot be seen.
enum Thinning {
    /// The points of a line that differ on paper: of those in one column of pixels the first, the lowest, the highest
    /// and the last. Shapes, peaks and dips stay.
    static func thin(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        guard points.count > 1_000 else { return points }
        var result: [(x: Double, y: Double)] = []
        var start = 0
        while start < points.count {
            var end = start
            var (lowest, highest) = (start, start)
            while end < points.count, points[end].x.rounded(.down) == points[start].x.rounded(.down) {
                if points[end].y < points[lowest].y { lowest = end }
                if points[end].y > points[highest].y { highest = end }
                end += 1
            }
            for place in Set([start, lowest, highest, end - 1]).sorted() { result.append(points[place]) }
            start = end
        }
        return result
    }
}
