#include "tests/support/certificates.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace minnow {
namespace {

constexpr char kNewKey[] = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ";

void Run(const std::string& command) { ASSERT_EQ(std::system((command + " 2>/dev/null").c_str()), 0) << command; }

}  // namespace

void Certificates::MakeAuthority(const std::string& name) const {
  Run("openssl req -x509 " + std::string(kNewKey) + Key(name) + " -out " + Pem(name) + " -days 30 -subj '/CN=" + name +
      "'");
}

void Certificates::Make(const std::string& name, const std::string& authority, const std::string& names,
                        int days) const {
  const std::string request = folder_ + "/" + name + ".csr";
  Run("openssl req " + std::string(kNewKey) + Key(name) + " -out " + request + " -subj '/CN=" + name +
      "' -addext 'subjectAltName=" + names + "'");
  // To a new file that takes the place of an old one, as a careful administrator does it.
  Run("openssl x509 -req -in " + request + " -CA " + Pem(authority) + " -CAkey " + Key(authority) +
      " -CAcreateserial -copy_extensions copy -days " + std::to_string(days) + " -out " + Pem(name) + ".new && mv " +
      Pem(name) + ".new " + Pem(name));
}

}  // namespace minnow
