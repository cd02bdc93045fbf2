// Certificates, made by the openssl command line.
#ifndef MINNOW_TESTS_SUPPORT_CERTIFICATES_H_
#define MINNOW_TESTS_SUPPORT_CERTIFICATES_H_

#include <string>

#include "common/access/tls_files.h"

namespace minnow {

inline constexpr char kNamesOfThisMachine[] = "DNS:localhost,IP:127.0.0.1";

// All files are in one folder: NAME.pem and NAME.key.
class Certificates {
 public:
  explicit Certificates(std::string folder) : folder_(std::move(folder)) {}

  std::string Pem(const std::string& name) const { return folder_ + "/" + name + ".pem"; }
  std::string Key(const std::string& name) const { return folder_ + "/" + name + ".key"; }

  void MakeAuthority(const std::string& name) const;
  // One that `authority` signs, for `names`. It is good for so many days; less than 0: it has expired.
  void Make(const std::string& name, const std::string& authority, const std::string& names = kNamesOfThisMachine,
            int days = 30) const;

  // Those of a side that trusts `authority` and shows the certificate `name`, or none.
  access::TlsFiles Files(const std::string& authority, const std::string& name = "") const {
    return {.ca = authority.empty() ? "" : Pem(authority),
            .cert = name.empty() ? "" : Pem(name),
            .key = name.empty() ? "" : Key(name)};
  }

 private:
  const std::string folder_;
};

}  // namespace minnow

#endif  // MINNOW_TESTS_SUPPORT_CERTIFICATES_H_
