#pragma once

// libxml2's headers pull in ICU's, whose types clash with those inside Foundation; nothing here needs them.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlreader.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlwriter.h>

// `xmlFree` is a mutable global function pointer, which Swift 6 refuses to touch.
static inline void curtail_xml_free(void *pointer) { xmlFree(pointer); }
