// TLS for HTTP, from files that are read again at each connection.
#ifndef MINNOW_SERVER_HTTP_TLS_H_
#define MINNOW_SERVER_HTTP_TLS_H_

#include <openssl/ssl.h>

#include "common/access/tls_files.h"

namespace minnow::http {

// Makes the connections of `context` serve the certificate of `files`, and ask for one that `files.ca` signed where
// there is such a file. `files` outlives the context. Where the files of a later connection cannot be read, it gets
// what could be read at first. False when that was nothing.
bool ServeTls(SSL_CTX& context, const access::TlsFiles& files);

}  // namespace minnow::http

#endif  // MINNOW_SERVER_HTTP_TLS_H_
