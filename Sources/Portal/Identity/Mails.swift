import Mustache
import Persistence

extension Portal {
    /// A mail from its two templates, `NAME.txt` and `NAME.html`.
    func mail(_ name: String, to recipient: String, _ subject: String, _ data: [String: String]) throws -> OutgoingMail
    {
        var fields = data
        fields["portal"] = parts.address.url
        fields["subject"] = subject
        guard let text = mails.render(fields, withTemplate: "\(name).txt"),
            let html = mails.render(fields, withTemplate: "\(name).html")
        else { throw PortalError.noTemplates("mails/\(name)") }
        return OutgoingMail(recipient: recipient, subject: subject, text: text, html: html)
    }

    /// The address of a page with a secret, for a mail.
    func link(_ path: String, _ token: String) -> String { "\(parts.address.url)\(path)?token=\(token)" }
}
