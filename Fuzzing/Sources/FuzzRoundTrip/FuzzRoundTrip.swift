import OpenADR
import OpenADRXML

private let codec: OpenADRCodec = {
    do {
        return OpenADRCodec(schemas: try SchemaSet(folder: "Schemas"))
    } catch {
        fatalError("\(error)")
    }
}()

/// Loads the schemas before the clock of the first input runs.
@_cdecl("LLVMFuzzerInitialize")
public func prepare(_ count: UnsafeMutablePointer<CInt>?, _ words: UnsafeMutableRawPointer?) -> CInt {
    _ = codec
    return 0
}

/// What can be read can be written, is valid then, and reads the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let document = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let message = try? codec.decode(document) else { return 0 }
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
