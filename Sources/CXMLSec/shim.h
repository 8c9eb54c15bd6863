#pragma once

// libxml2's headers pull in ICU's, whose types clash with those inside Foundation; nothing here needs them.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED

// How Debian built the library (pkg-config --cflags xmlsec1-openssl): its headers read these.
#define XMLSEC_NO_SIZE_T
#define XMLSEC_NO_CRYPTO_DYNAMIC_LOADING 1
#define XMLSEC_CRYPTO_OPENSSL 1
#define XMLSEC_OPENSSL3_ENGINES 1
#define XMLSEC_NO_GOST 1
#define XMLSEC_NO_GOST2012 1
#ifndef __XMLSEC_FUNCTION__
#define __XMLSEC_FUNCTION__ __func__
#endif

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/keys.h>
#include <xmlsec/errors.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>

// `xmlFree` is a mutable global function pointer, which Swift 6 refuses to touch.
static inline void curtail_xmlsec_free(void *pointer) { xmlFree(pointer); }

// The callback's type is variadic-like in C and never called from Swift.
static inline void curtail_xmlsec_silence(const char *file, int line, const char *func, const char *object,
                                          const char *subject, int reason, const char *msg) {
    (void)file; (void)line; (void)func; (void)object; (void)subject; (void)reason; (void)msg;
}
static inline void curtail_xmlsec_quiet(void) { xmlSecErrorsSetCallback(curtail_xmlsec_silence); }
