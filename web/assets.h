// The files of the page, which are in the program: nothing is fetched from elsewhere when it is shown.
#ifndef MINNOW_WEB_ASSETS_H_
#define MINNOW_WEB_ASSETS_H_

#include <string_view>

namespace minnow::web {

extern const std::string_view kPage;    // HTML; its scripts choose what to show by the address
extern const std::string_view kStyle;   // CSS
extern const std::string_view kIcon;    // SVG
extern const std::string_view kD3;      // JavaScript: scales, axes and lines, by D3
extern const std::string_view kScript;  // JavaScript of the page itself

}  // namespace minnow::web

#endif  // MINNOW_WEB_ASSETS_H_
