import FuzzSupport
import OpenADR
import OpenADRXML

/// The whole way of a received message: admission, libxml2, schema, values; taken strictly and leniently.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let document = Array(UnsafeBufferPointer(start: bytes, count: count))
    let strict = outcome { () throws(DecodingFailure) in try codec.receive(document) }
    let lenient = outcome { () throws(DecodingFailure) in try codec.receive(document, leniently: true).message }
    // What is right is read the same by both.
    if case .sound(let message)? = strict { precondition(lenient == .sound(message), "read differently: \(message)") }
    return 0
}

private func outcome(_ read: () throws(DecodingFailure) -> ReceivedMessage) -> ReceivedMessage? {
    do throws(DecodingFailure) {
        let message = try read()
        precondition(!message.elementName.isEmpty)
        return message
    } catch {
        precondition(!error.reason.isEmpty && error.description.utf8.count < 2_000, error.description)
        return nil
    }
}
