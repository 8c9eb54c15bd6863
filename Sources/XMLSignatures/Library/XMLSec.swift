internal import CXMLSec

/// The library as a whole.
enum XMLSec {
    private static let isReady: Bool = {
        xmlInitParser()
        let isReady =
            xmlSecInit() == 0 && xmlSecCheckVersionExt(1, 2, 0, xmlSecCheckVersionABICompatible) == 1
            && xmlSecOpenSSLAppInit(nil) == 0 && xmlSecOpenSSLInit() == 0
        // It would tell standard error of everything that a stranger gets wrong.
        curtail_xmlsec_quiet()
        return isReady
    }()

    /// Makes the library ready, once.
    static func prepare() throws(SignatureFailure) {
        guard isReady else { throw SignatureFailure(.unavailable, "libxmlsec1 does not start") }
    }

    /// A context that takes the profile's algorithms and looks at nothing outside the document.
    static func withContext<Value>(
        key: xmlSecKeyPtr, _ body: (xmlSecDSigCtxPtr) throws(SignatureFailure) -> Value
    ) throws(SignatureFailure) -> Value {
        guard let context = xmlSecDSigCtxCreate(nil) else {
            xmlSecKeyDestroy(key)
            throw SignatureFailure(.unavailable, "out of memory")
        }
        defer { xmlSecDSigCtxDestroy(context) }
        // The context destroys it; with a key of our own the document's KeyInfo is not asked.
        context.pointee.signKey = key
        context.pointee.enabledReferenceUris = 0x0001 | 0x0002  // xmlSecTransformUriTypeEmpty, …SameDocument
        let canonical = [
            xmlSecTransformInclC14NGetKlass(), xmlSecTransformInclC14NWithCommentsGetKlass(),
            xmlSecTransformExclC14NGetKlass(), xmlSecTransformExclC14NWithCommentsGetKlass(),
        ]
        let digest = xmlSecOpenSSLTransformSha256GetKlass()
        for transform in canonical + [xmlSecTransformEnvelopedGetKlass(), digest] {
            guard xmlSecDSigCtxEnableReferenceTransform(context, transform) == 0 else {
                throw SignatureFailure(.unavailable, "out of memory")
            }
        }
        let methods = [xmlSecOpenSSLTransformRsaSha256GetKlass(), xmlSecOpenSSLTransformEcdsaSha256GetKlass()]
        for transform in canonical + methods {
            guard xmlSecDSigCtxEnableSignatureTransform(context, transform) == 0 else {
                throw SignatureFailure(.unavailable, "out of memory")
            }
        }
        return try body(context)
    }
}
