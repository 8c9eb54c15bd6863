import HTTPTypes

/// What programs need to know about a route.
struct Operation: Sendable {
    /// A part of the query.
    struct Parameter: Sendable {
        let name: String
        let shape: Shape
        let about: String
    }

    enum Answer: Sendable {
        case one(String)
        /// A page of a list: `{"data": [...], "next": "..."}`.
        case list(String)
        case created(String)
        /// 202: a resource that says how far it is.
        case accepted(String)
        case nothing
        /// A shape that no other route answers with.
        case shape(Shape)
        case events
    }

    let tag: String
    var query: [Parameter] = []
    var body: [Shape.Field]?
    /// The type of a body that is no JSON.
    var media: String?
    let answer: Answer
    /// Statuses beside those that follow from the rest.
    var refusals: [HTTPResponse.Status] = []
    /// Takes `Idempotency-Key`.
    var isCreation = false
    /// Takes `If-Match`, and asks for it.
    var isVersioned = false

    /// The parameters that every list takes.
    static let paging = [
        Parameter(name: "limit", shape: .integer(1...200), about: "Rows of a page; 50 without it."),
        Parameter(name: "after", shape: .text(1...200), about: "The `next` of the page before."),
    ]

    /// The statuses of the answers that refuse, in order.
    func refusals(of route: Route) -> [HTTPResponse.Status] {
        var statuses: Set<Int> = [400, 429, 503]
        // A token that does not work is refused everywhere.
        statuses.insert(401)
        if case .needs = route.access { statuses.insert(403) }
        if route.method != .get { statuses.formUnion([403, 413]) }
        if body != nil || media != nil { statuses.insert(415) }
        if route.path.contains("{") { statuses.insert(404) }
        if isCreation { statuses.formUnion([409, 422]) }
        if isVersioned { statuses.formUnion([412, 428]) }
        statuses.formUnion(refusals.map(\.code))
        return statuses.sorted().map { HTTPResponse.Status(code: $0) }
    }
}

/// A kind of thing that the API gives: how one is written, and what its schema says. The two cannot differ, as both are
/// made from the same list.
struct Resource<Value>: Sendable {
    struct Member: Sendable {
        let name: String
        let shape: Shape
        let about: String
        let value: @Sendable (Value) -> JSONValue
    }

    let name: String
    let members: [Member]

    func json(_ value: Value) -> JSONValue {
        .object(Dictionary(members.map { ($0.name, $0.value(value)) }, uniquingKeysWith: { one, _ in one }))
    }

    var shape: Shape {
        .object(members.map { Shape.Field(name: $0.name, shape: $0.shape, about: $0.about) })
    }
}

extension Resource.Member {
    init(
        _ name: String, _ shape: Shape, _ about: String, _ value: @escaping @Sendable (Value) -> JSONValue
    ) {
        self.init(name: name, shape: shape, about: about, value: value)
    }
}
