/// The standard's extensible lists take, beside their own words, everything of the form `x-…`.
func isExtension(_ text: String) -> Bool {
    guard text.hasPrefix("x-"), let third = text.dropFirst(2).first else { return false }
    return !third.isWhitespace
}
