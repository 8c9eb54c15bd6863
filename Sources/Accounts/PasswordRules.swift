/// What a password has to be: long, and neither famous nor the person's own name (NIST SP 800-63B, 5.1.1.2). No rule
/// asks for signs and digits: they make passwords worse.
public enum PasswordRules {
    public static let shortest = 10
    public static let longest = 200

    /// What is wrong with a password, for the person who chose it; nil when nothing is.
    public static func objection(to password: String, email: String, name: String) -> String? {
        guard password.count >= shortest else { return "Use at least \(shortest) characters." }
        guard password.utf8.count <= longest else { return "Use at most \(longest) bytes." }
        let plain = password.lowercased().filter { $0.isLetter || $0.isNumber }
        guard Set(plain).count > 4 else { return "Use more different characters." }
        guard password.contains(where: { !$0.isNumber }) else { return "Do not use digits alone." }
        let own = [email.lowercased(), String(email.prefix { $0 != "@" }).lowercased(), name.lowercased()]
        for word in own where word.count >= 4 && plain.hasPrefix(word.filter { $0.isLetter || $0.isNumber }) {
            if plain.count < word.count + 6 { return "Do not build the password from your name or address." }
        }
        let core = plain.trimmingDigits()
        guard !famous.contains(plain), !famous.contains(core) else { return "This password is one of the most common." }
        return nil
    }

    /// Those of at least ten characters, or that become one with digits, among the most common of published leaks.
    private static let famous: Set<String> = [
        "password", "passwort", "qwertyuiop", "qwertzuiop", "letmeinplease", "iloveyou", "administrator", "welcome",
        "changeme", "football", "baseball", "princess", "sunshine", "superman", "trustno", "qwerty", "qwertz",
        "asdfghjkl", "abcdefghij", "abcdefghijk", "passwordpassword", "qazwsxedc", "electricity", "curtail",
    ]
}

extension String {
    fileprivate func trimmingDigits() -> String {
        var text = self[...]
        while text.last?.isNumber == true { text.removeLast() }
        while text.first?.isNumber == true { text.removeFirst() }
        return String(text)
    }
}
