#include "server/http/tls.h"

#include <openssl/err.h>

#include <memory>

namespace minnow::http {
namespace {

struct FreeStore {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};

std::unique_ptr<X509_STORE, FreeStore> AuthoritiesOf(const std::string& path) {
  std::unique_ptr<X509_STORE, FreeStore> store(X509_STORE_new());
  if (!store || X509_STORE_load_file(store.get(), path.c_str()) != 1) return nullptr;
  return store;
}

// A key that does not fit its certificate, as for a moment while both are replaced, changes neither.
bool Use(SSL& connection, const access::TlsFiles& files) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> now(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!now || SSL_CTX_use_certificate_chain_file(now.get(), files.cert.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(now.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return false;
  }
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(now.get(), &chain);
  return SSL_use_cert_and_key(&connection, SSL_CTX_get0_certificate(now.get()), SSL_CTX_get0_privatekey(now.get()),
                              chain, /*override=*/1) == 1;
}

int Renew(SSL* connection, void* files_pointer) {
  const auto& files = *static_cast<const access::TlsFiles*>(files_pointer);
  Use(*connection, files);
  if (!files.ca.empty()) {
    if (const auto authorities = AuthoritiesOf(files.ca)) SSL_set1_verify_cert_store(connection, authorities.get());
  }
  ERR_clear_error();
  return 1;
}

}  // namespace

bool ServeTls(SSL_CTX& context, const access::TlsFiles& files) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  if (SSL_CTX_use_certificate_chain_file(&context, files.cert.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(&context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return false;
  }
  if (!files.ca.empty()) {
    if (SSL_CTX_load_verify_locations(&context, files.ca.c_str(), nullptr) != 1) return false;
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    // A session that is taken up again would skip the question.
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(&context, SSL_OP_NO_TICKET);
  }
  SSL_CTX_set_cert_cb(&context, &Renew, const_cast<access::TlsFiles*>(&files));
  return true;
}

}  // namespace minnow::http
