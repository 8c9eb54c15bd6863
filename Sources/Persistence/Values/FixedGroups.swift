extension Array {
    /// Groups of just that size, for a statement whose text is fixed: the last element fills what is left of the last group.
    func groups(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { start in
            let group = Array(self[start..<Swift.min(start + size, count)])
            return group + Array(repeating: group[group.count - 1], count: size - group.count)
        }
    }
}
