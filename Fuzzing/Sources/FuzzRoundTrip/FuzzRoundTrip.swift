import FuzzSupport
import OpenADR
import OpenADRXML

/// What can be read can be written, is valid then, and reads the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let document = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard var message = try? codec.decode(document) else { return 0 }
    // What an event that is wrong alone was is not kept, so it is not written (rule 19).
    if case .distributeEvent(var events) = message {
        events.faultyEvents = []
        message = .distributeEvent(events)
    }
    let written = codec.encode(message)
    do throws(DecodingFailure) {
        let again = try codec.decode(written)
        precondition(again == message, "reads differently:\n\(message)\n\(again)")
    } catch {
        fatalError("\(error) in what was written:\n\(String(decoding: written, as: UTF8.self))")
    }
    precondition(codec.encode(message) == written, "written differently")
    return 0
}
