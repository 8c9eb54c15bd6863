import OpenADRXML

/// What comes first: any bytes at all, looked over before a parser sees them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let document = UnsafeBufferPointer(start: bytes, count: count)
    var limits = AdmissionLimits()
    limits.size = 1 << 16
    limits.depth = 12
    limits.elements = 200
    do throws(DecodingFailure) {
        try Admission.check(document, limits: limits)
        // What is let in keeps the limits that a simple count can see.
        let tags = document.indices.filter { index in
            document[index] == UInt8(ascii: "<") && index + 1 < count
                && (document[index + 1] | 0x20).isLetter
        }
        precondition(count <= limits.size && !document.contains(0), "admitted: \(count) bytes")
        precondition(
            document.contains(UInt8(ascii: "!")) || tags.count <= limits.elements, "admitted: \(tags.count) tags")
    } catch {
        precondition(!error.reason.isEmpty && !error.description.isEmpty)
    }
    return 0
}

extension UInt8 {
    fileprivate var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
}
