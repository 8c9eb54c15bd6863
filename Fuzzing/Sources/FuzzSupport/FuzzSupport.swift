public import OpenADRXML

/// What the fuzz targets that read messages share. Run from the project's folder.
public let codec: OpenADRCodec = {
    do {
        return OpenADRCodec(schemas: try SchemaSet(folder: "Schemas"))
    } catch {
        fatalError("\(error)")
    }
}()

/// Loads the schemas before the clock of the first input runs; libFuzzer looks for it by its name.
@_cdecl("LLVMFuzzerInitialize")
public func prepare(_ count: UnsafeMutablePointer<CInt>?, _ words: UnsafeMutableRawPointer?) -> CInt {
    _ = codec
    return 0
}
