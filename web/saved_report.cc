#include "web/saved_report.h"

#include <openssl/evp.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "common/sha256.h"
#include "web/assets.h"

namespace minnow::web {
namespace {

// As a policy names a script or a style: 'sha256-...'.
std::string Source(std::string_view text) {
  const std::array<uint8_t, 32> hash = Sha256(text);
  std::string base64(4 * ((hash.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), hash.data(), static_cast<int>(hash.size()));
  return "'sha256-" + base64 + "'";
}

// JSON that cannot end the element that it stands in, nor begin a comment.
std::string Embedded(const Json& document) {
  std::string text;
  for (const char c : JsonText(document)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<':
        escaped += "&lt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string SavedReport(const Json& document, const std::string& made) {
  const std::string policy = fmt::format(
      "default-src 'none'; script-src {} {}; style-src {}; img-src data:; base-uri "
      "'none'; form-action 'none'",
      Source(kD3), Source(kScript), Source(kStyle));
  return fmt::format(R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Minnow</title>
<link rel="icon" href="data:,">
<style>{}</style>
</head>
<body>
<main id="main"></main>
<noscript><p>This report needs JavaScript, which is in this file.</p></noscript>
<footer><p>{}</p></footer>
<script type="application/json" id="document">{}</script>
<script>{}</script>
<script>{}</script>
</body>
</html>
)html",
                     policy, kStyle, Escaped(made), Embedded(document), kD3, kScript);
}

}  // namespace minnow::web
