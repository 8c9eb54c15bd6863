internal import OpenADR

/// A message with the content of its element.
protocol CodableMessage: Message {
    init(_ element: Element) throws(Problem)

    /// Writes what is inside the message's element.
    func write(to xml: XMLWriter)
}

extension XMLWriter {
    /// The message's element, with the version that rule 509 wants.
    func message(_ message: some CodableMessage) {
        element("oadr:\(type(of: message).elementName)") {
            attribute("ei:schemaVersion", "2.0b")
            message.write(to: self)
        }
    }
}

extension Payload {
    /// The names of the 23 elements.
    static let readers: [String: @Sendable (Element) throws(Problem) -> Payload] = [
        QueryRegistration.elementName: { element throws(Problem) in .queryRegistration(try QueryRegistration(element))
        },
        CreatePartyRegistration.elementName: { element throws(Problem) in
            .createPartyRegistration(try CreatePartyRegistration(element))
        },
        CreatedPartyRegistration.elementName: { element throws(Problem) in
            .createdPartyRegistration(try CreatedPartyRegistration(element))
        },
        CancelPartyRegistration.elementName: { element throws(Problem) in
            .cancelPartyRegistration(try CancelPartyRegistration(element))
        },
        CanceledPartyRegistration.elementName: { element throws(Problem) in
            .canceledPartyRegistration(try CanceledPartyRegistration(element))
        },
        RequestReregistration.elementName: { element throws(Problem) in
            .requestReregistration(try RequestReregistration(element))
        },
        RequestEvent.elementName: { element throws(Problem) in .requestEvent(try RequestEvent(element)) },
        DistributeEvent.elementName: { element throws(Problem) in .distributeEvent(try DistributeEvent(element)) },
        CreatedEvent.elementName: { element throws(Problem) in .createdEvent(try CreatedEvent(element)) },
        RegisterReport.elementName: { element throws(Problem) in .registerReport(try RegisterReport(element)) },
        RegisteredReport.elementName: { element throws(Problem) in .registeredReport(try RegisteredReport(element)) },
        CreateReport.elementName: { element throws(Problem) in .createReport(try CreateReport(element)) },
        CreatedReport.elementName: { element throws(Problem) in .createdReport(try CreatedReport(element)) },
        UpdateReport.elementName: { element throws(Problem) in .updateReport(try UpdateReport(element)) },
        UpdatedReport.elementName: { element throws(Problem) in .updatedReport(try UpdatedReport(element)) },
        CancelReport.elementName: { element throws(Problem) in .cancelReport(try CancelReport(element)) },
        CanceledReport.elementName: { element throws(Problem) in .canceledReport(try CanceledReport(element)) },
        CreateOpt.elementName: { element throws(Problem) in .createOpt(try CreateOpt(element)) },
        CreatedOpt.elementName: { element throws(Problem) in .createdOpt(try CreatedOpt(element)) },
        CancelOpt.elementName: { element throws(Problem) in .cancelOpt(try CancelOpt(element)) },
        CanceledOpt.elementName: { element throws(Problem) in .canceledOpt(try CanceledOpt(element)) },
        Poll.elementName: { element throws(Problem) in .poll(try Poll(element)) },
        Response.elementName: { element throws(Problem) in .response(try Response(element)) },
    ]

    func write(to xml: XMLWriter) {
        switch self {
        case .queryRegistration(let message): xml.message(message)
        case .createPartyRegistration(let message): xml.message(message)
        case .createdPartyRegistration(let message): xml.message(message)
        case .cancelPartyRegistration(let message): xml.message(message)
        case .canceledPartyRegistration(let message): xml.message(message)
        case .requestReregistration(let message): xml.message(message)
        case .requestEvent(let message): xml.message(message)
        case .distributeEvent(let message): xml.message(message)
        case .createdEvent(let message): xml.message(message)
        case .registerReport(let message): xml.message(message)
        case .registeredReport(let message): xml.message(message)
        case .createReport(let message): xml.message(message)
        case .createdReport(let message): xml.message(message)
        case .updateReport(let message): xml.message(message)
        case .updatedReport(let message): xml.message(message)
        case .cancelReport(let message): xml.message(message)
        case .canceledReport(let message): xml.message(message)
        case .createOpt(let message): xml.message(message)
        case .createdOpt(let message): xml.message(message)
        case .cancelOpt(let message): xml.message(message)
        case .canceledOpt(let message): xml.message(message)
        case .poll(let message): xml.message(message)
        case .response(let message): xml.message(message)
        }
    }
}
