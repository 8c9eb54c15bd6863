internal import Measures
public import OpenADR

/// Turns payloads into the bytes of OpenADR 2.0b, and bytes that deserve it into payloads.
///
/// ```
/// bytes ─▶ admission ─▶ libxml2 ─▶ schema ─▶ mapping with checks ─▶ Payload
///          sizes,        tree      XSD       finite numbers, UTC,
///          no DTD, …                         sane ids and durations
/// ```
public struct OpenADRCodec: Sendable {
    private let schemas: SchemaSet
    private let limits: AdmissionLimits
    /// Sees all that is written.
    private let audit: (@Sendable ([UInt8]) -> Void)?

    public init(schemas: SchemaSet, limits: AdmissionLimits = AdmissionLimits()) {
        self.schemas = schemas
        self.limits = limits
        audit = nil
    }

    /// For tests, which let others judge what is written.
    package init(schemas: SchemaSet, audit: @escaping @Sendable ([UInt8]) -> Void) {
        self.schemas = schemas
        limits = AdmissionLimits()
        self.audit = audit
    }

    // MARK: Writing

    /// UTF-8 with the wrapper, the canonical prefixes and no white space between elements.
    ///
    /// Characters that XML 1.0 cannot carry become U+FFFD. An empty list where the standard wants one item at least
    /// (signals, intervals, profiles, report requests, …) gives a document that the receiver's schema refuses.
    public func encode(_ payload: Payload) -> [UInt8] {
        guard let xml = XMLWriter() else { return [] }
        xml.element("oadr:oadrPayload") {
            for namespace in Namespace.declarations { xml.attribute(namespace.name, namespace.uri) }
            xml.element("oadr:oadrSignedObject") { payload.write(to: xml) }
        }
        let bytes = xml.finish()
        audit?(bytes)
        return bytes
    }

    // MARK: Reading

    /// Takes a message with or without the wrapper, with any prefixes.
    public func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> Payload {
        let document = try read(bytes)
        return try withExtendedLifetime(document) { document throws(DecodingFailure) in
            guard let root = document.root else { throw .malformed(line: 1, message: "no element") }
            let message = try Self.message(in: root)
            if message.localName == DistributeEvent.elementName { message.extendUnknownSignalNames() }
            try schemas.validate(document)
            return try Self.payload(message)
        }
    }

    /// The schema's verdict alone, for tests and for checking what others send.
    public func validate(_ bytes: [UInt8]) throws(DecodingFailure) {
        let document = try read(bytes)
        try schemas.validate(document)
    }

    private func read(_ bytes: [UInt8]) throws(DecodingFailure) -> Document {
        let pointer = try bytes.withUnsafeBufferPointer { buffer throws(DecodingFailure) in
            try Admission.check(buffer, limits: limits)
            return try Document.parse(buffer)
        }
        return Document(owning: pointer)
    }

    /// The message's element, known by its name before the schema has its say.
    private static func message(in root: Element) throws(DecodingFailure) -> Element {
        var message = root
        if root.isNamed(.oadr("oadrPayload")) {
            let signed = root.children.first { $0.isNamed(.oadr("oadrSignedObject")) }
            guard let inner = signed?.firstChild else { throw .unknownMessage(name: root.qualifiedName) }
            message = inner
        }
        guard message.namespaceIs(.oadr), Payload.readers[message.localName] != nil else {
            throw .unknownMessage(name: String(message.qualifiedName.prefix(200)))
        }
        return message
    }

    private static func payload(_ element: Element) throws(DecodingFailure) -> Payload {
        let name = element.localName
        guard let reader = Payload.readers[name] else { throw .unknownMessage(name: name) }
        do {
            return try reader(element)
        } catch {
            throw .content(
                FaultyMessage(
                    elementName: name, venID: sender(of: element), requestID: request(of: element),
                    subject: subject(of: element), code: error.code, reason: error.reason), line: error.line)
        }
    }

    /// A message, and what had to be tolerated for it.
    public struct Reception: Hashable, Sendable {
        public let message: ReceivedMessage
        /// One line each; empty for a message that is as the standard wants it.
        public let warnings: [String]
    }

    /// What was received from somebody whose known deviations may be tolerated (see ``Tolerance``): a message that can be
    /// read as it is, is; one that cannot is set right and read again, and when that does not help, refused for what was
    /// wrong with it in the first place.
    public func receive(_ bytes: [UInt8], leniently: Bool) throws(DecodingFailure) -> Reception {
        let failure: DecodingFailure
        do throws(DecodingFailure) {
            return Reception(message: .sound(try decode(bytes)), warnings: [])
        } catch {
            failure = error
        }
        switch failure {
        case .schema, .content:
            if leniently, let repaired = try? repaired(bytes) { return repaired }
        default: break
        }
        guard case .content(let message, _) = failure else { throw failure }
        return Reception(message: .faulty(message), warnings: [])
    }

    private func repaired(_ bytes: [UInt8]) throws(DecodingFailure) -> Reception? {
        let document = try read(bytes)
        return try withExtendedLifetime(document) { document throws(DecodingFailure) in
            guard let root = document.root else { return nil }
            let warnings = Tolerance.repair(root)
            guard !warnings.isEmpty else { return nil }
            let message = try Self.message(in: root)
            if message.localName == DistributeEvent.elementName { message.extendUnknownSignalNames() }
            try schemas.validate(document)
            return Reception(message: .sound(try Self.payload(message)), warnings: warnings)
        }
    }

    /// What was received, when it is at least a message.
    public func receive(_ bytes: [UInt8]) throws(DecodingFailure) -> ReceivedMessage {
        do {
            return .sound(try decode(bytes))
        } catch .content(let message, _) {
            return .faulty(message)
        }
    }

    // MARK: Who to answer when the content is bad

    private static func sender(of element: Element) -> VENID? {
        find(.ei("venID"), in: element).flatMap { try? $0.id(VENID.self) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func request(of element: Element) -> RequestID? {
        find(.pyld("requestID"), in: element).flatMap { try? $0.id(RequestID.self) }
    }

    private static func subject(of element: Element) -> String? {
        switch element.localName {
        case CreateOpt.elementName, CancelOpt.elementName:
            find(.ei("optID"), in: element).flatMap { try? $0.id(OptID.self).rawValue }
        case CancelPartyRegistration.elementName:
            find(.ei("registrationID"), in: element).flatMap { try? $0.id(RegistrationID.self).rawValue }
        default: nil
        }
    }

    /// Among the children, and inside the one child of oadrRequestEvent and oadrCreatedEvent.
    private static func find(_ name: Name, in element: Element) -> Element? {
        let children = element.children
        return children.first { $0.isNamed(name) }
            ?? children.first { $0.namespaceIs(.pyld) }?.children.first { $0.isNamed(name) }
    }
}
