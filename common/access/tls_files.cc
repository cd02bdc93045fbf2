#include "common/access/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>

namespace minnow::access {
namespace {

struct FreeOpenssl {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

absl::Status Problem(std::string_view source, const std::string& path, std::string_view what) {
  ERR_clear_error();
  return absl::InvalidArgumentError(fmt::format("{}: \"{}\" {}", source, path, what));
}

absl::Status CheckReadable(std::string_view source, const std::string& path) {
  if (::access(path.c_str(), R_OK) == 0) return absl::OkStatus();
  return Problem(source, path, fmt::format("cannot be read: {}", std::strerror(errno)));
}

// Nobody is asked for a passphrase: the key has none, or cannot be read.
int NoPassphrase(char*, int, int, void*) { return 0; }

absl::Status CheckOwn(SSL_CTX* context, const TlsFiles& files) {
  if (files.cert.empty()) return Problem("--tls-key", files.key, "needs its certificate: give it with --tls-cert");
  if (files.key.empty()) return Problem("--tls-cert", files.cert, "needs its key: give it with --tls-key");
  if (absl::Status status = CheckReadable("--tls-cert", files.cert); !status.ok()) return status;
  if (absl::Status status = CheckReadable("--tls-key", files.key); !status.ok()) return status;
  if (SSL_CTX_use_certificate_chain_file(context, files.cert.c_str()) != 1) {
    return Problem("--tls-cert", files.cert, "holds no certificate: it is a PEM file with BEGIN CERTIFICATE in it");
  }
  SSL_CTX_set_default_passwd_cb(context, &NoPassphrase);
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) == 1) return absl::OkStatus();
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  if (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH) {
    return Problem("--tls-key", files.key, fmt::format("is not the key of the certificate in \"{}\"", files.cert));
  }
  return Problem("--tls-key", files.key,
                 "holds no key that can be used: it is a PEM file with BEGIN PRIVATE KEY in it, without a passphrase");
}

}  // namespace

absl::Status CheckTlsFiles(const TlsFiles& files, std::string_view ca_source) {
  const std::unique_ptr<SSL_CTX, FreeOpenssl> context(SSL_CTX_new(TLS_method()));
  if (!context) return absl::InternalError("OpenSSL has no TLS");
  if (!files.ca.empty()) {
    if (absl::Status status = CheckReadable(ca_source, files.ca); !status.ok()) return status;
    if (SSL_CTX_load_verify_locations(context.get(), files.ca.c_str(), nullptr) != 1) {
      return Problem(ca_source, files.ca, "holds no certificate: it is a PEM file with BEGIN CERTIFICATE in it");
    }
  }
  if (files.cert.empty() && files.key.empty()) return absl::OkStatus();
  return CheckOwn(context.get(), files);
}

absl::Time EndOfCertificate(const std::string& path) {
  const std::unique_ptr<BIO, FreeOpenssl> file(BIO_new_file(path.c_str(), "r"));
  if (!file) return absl::InfinitePast();
  const std::unique_ptr<X509, FreeOpenssl> certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  std::tm end = {};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) return absl::InfinitePast();
  return absl::FromTM(end, absl::UTCTimeZone());
}

}  // namespace minnow::access
