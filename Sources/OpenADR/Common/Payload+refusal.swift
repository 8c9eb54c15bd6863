extension Payload {
    /// Where each of the 23 messages is posted, by element name; `oadrResponse` goes anywhere.
    public static let services: [String: ServiceName?] = {
        let types: [any Message.Type] = [
            QueryRegistration.self, CreatePartyRegistration.self, CreatedPartyRegistration.self,
            CancelPartyRegistration.self, CanceledPartyRegistration.self, RequestReregistration.self,
            RequestEvent.self, DistributeEvent.self, CreatedEvent.self, RegisterReport.self, RegisteredReport.self,
            CreateReport.self, CreatedReport.self, UpdateReport.self, UpdatedReport.self, CancelReport.self,
            CanceledReport.self, CreateOpt.self, CreatedOpt.self, CancelOpt.self, CanceledOpt.self, Poll.self,
            Response.self,
        ]
        return Dictionary(uniqueKeysWithValues: types.map { ($0.elementName, $0.service) })
    }()

    /// The answer in which the sender of a message learns that it was refused: the message's natural response (rule 517).
    ///
    /// - Parameters:
    ///   - elementName: of the refused message.
    ///   - subject: the id that some answers repeat, see ``FaultyMessage/subject``.
    ///   - makeID: a new requestID, for a distribution of no events (rule 41).
    public static func refusal(
        of elementName: String, subject: String?, venID: VENID?, response: EiResponse, by vtn: VTNID,
        makeID: () -> String
    ) -> Payload {
        switch elementName {
        case QueryRegistration.elementName, CreatePartyRegistration.elementName:
            .createdPartyRegistration(CreatedPartyRegistration(response: response, vtnID: vtn))
        case CancelPartyRegistration.elementName:
            .canceledPartyRegistration(
                CanceledPartyRegistration(
                    response: response, registrationID: subject.map { RegistrationID($0) }, venID: venID))
        case RequestEvent.elementName:
            .distributeEvent(DistributeEvent(response: response, requestID: RequestID(makeID()), vtnID: vtn))
        case RegisterReport.elementName: .registeredReport(RegisteredReport(response: response))
        case CreateReport.elementName: .createdReport(CreatedReport(response: response))
        case UpdateReport.elementName: .updatedReport(UpdatedReport(response: response))
        case CancelReport.elementName: .canceledReport(CanceledReport(response: response))
        case CreateOpt.elementName: .createdOpt(CreatedOpt(response: response, optID: OptID(subject ?? "")))
        case CancelOpt.elementName: .canceledOpt(CanceledOpt(response: response, optID: subject.map { OptID($0) }))
        default: .response(Response(response: response))
        }
    }
}
