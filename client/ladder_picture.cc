#include "client/ladder_picture.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "client/progress.h"
#include "client/screen.h"
#include "common/report/output.h"

namespace minnow::client {
namespace {

constexpr int kFewestLines = 5;  // for more than one line
constexpr int kMostLines = 20;   // what more there is to see scrolls nobody's other work away
constexpr int kBarColumns = 12;
constexpr int kWideColumns = 60;  // from here on rows have all their columns

// How a shape stands, the more telling the larger.
enum class Rank { kNotNeeded, kRejected, kOpen, kTried, kGood, kSmallest };

struct Glyph {
  const char* ascii;
  const char* unicode;
  const char* color;  // SGR
  const char* words;
};

constexpr Glyph kGlyphs[] = {
    {"-", "─", "2", "not needed"},   {"x", "▁", "31", "rejected"}, {".", "·", "2", "open"},
    {"+", "▄", "33", "being tried"}, {"#", "█", "32", "good"},     {"O", "◆", "1;32", "smallest so far"},
};

const Glyph& GlyphOf(Rank rank) { return kGlyphs[static_cast<int>(rank)]; }

class Painter {
 public:
  Painter(const LiveJob& job, const PictureStyle& style) : job_(job), style_(style) {
    const std::optional<Shape>& incumbent = job.progress.incumbent;
    for (size_t i = 0; i < job.shapes.size(); ++i) {
      if (incumbent && job.shapes[i].shape.hidden == incumbent->hidden) smallest_ = i;
    }
  }

  std::vector<std::string> Paint() const;

 private:
  Rank RankOf(size_t i) const;
  std::string Colored(const std::string& text, const char* color) const;
  std::string Mark(Rank rank) const;
  std::string Title() const;
  std::string Strip() const;
  std::string Ends() const;
  std::string Legend() const;
  std::string Foot() const;
  std::vector<size_t> Frontier(size_t rows) const;
  std::string RowTitle() const;
  std::string Row(size_t i) const;
  std::string Bar(int64_t tries, Rank rank) const;
  bool wide() const { return style_.columns >= kWideColumns; }

  const LiveJob& job_;
  const PictureStyle& style_;
  std::optional<size_t> smallest_;  // number of the incumbent
};

Rank Painter::RankOf(size_t i) const {
  const VerdictRow& row = job_.shapes[i];
  if (smallest_ == i) return Rank::kSmallest;
  if (row.verdict == Verdict::kGoodEnough) return row.tries > 0 ? Rank::kGood : Rank::kNotNeeded;
  if (row.verdict == Verdict::kNotGoodEnough) return Rank::kRejected;
  if (smallest_ && i > *smallest_) return Rank::kNotNeeded;
  return row.tries > 0 ? Rank::kTried : Rank::kOpen;
}

std::string Painter::Colored(const std::string& text, const char* color) const {
  return style_.color ? fmt::format("\033[{}m{}\033[0m", color, text) : text;
}

std::string Painter::Mark(Rank rank) const {
  const Glyph& glyph = GlyphOf(rank);
  return Colored(style_.unicode ? glyph.unicode : glyph.ascii, glyph.color);
}

// The words of ProgressLine; its numbers have their own places here.
std::string Painter::Title() const {
  const JobProgress& progress = job_.progress;
  std::vector<std::string> parts = {Counted(progress.trials_reported, "trial")};
  if (job_.trials_per_second) parts.push_back(fmt::format("{:.0f}/s", *job_.trials_per_second));
  parts.push_back(job_.crew.empty() ? Counted(progress.workers, "worker") : job_.crew);
  parts.push_back(DurationText(job_.seconds));
  const int room = style_.columns - 1;
  std::string doing = DoingText(progress);
  if (static_cast<int>(doing.size()) > room) doing.resize(room);
  std::string title = Colored(doing, "1");
  for (const std::string& part : parts) {
    if (VisibleWidth(title) + 2 + static_cast<int>(part.size()) > room) break;
    title += "  " + part;
  }
  return title;
}

// All sizes, smallest first; several in a column where they are many, of which the most telling shows.
std::string Painter::Strip() const {
  const size_t shapes = job_.shapes.size();
  const size_t room = static_cast<size_t>(std::max(1, style_.columns - 1));
  const size_t cells = std::min(shapes, room);
  std::string strip;
  for (size_t cell = 0; cell < cells; ++cell) {
    Rank most = Rank::kNotNeeded;
    for (size_t i = cell * shapes / cells; i < (cell + 1) * shapes / cells; ++i) most = std::max(most, RankOf(i));
    strip += Mark(most);
  }
  return strip;
}

// How large the sizes at both ends of the strip are.
std::string Painter::Ends() const {
  const int width = std::min(static_cast<int>(job_.shapes.size()), style_.columns - 1);
  const std::string low = CountText(Parameters(job_.shapes.front().shape));
  const std::string high = Counted(Parameters(job_.shapes.back().shape), "parameter");
  const int gap = std::max(2, width - static_cast<int>(low.size() + high.size()));
  const std::string ends = low + std::string(gap, ' ') + high;
  return static_cast<int>(ends.size()) < style_.columns ? Colored(ends, "2") : "";
}

std::string Painter::Legend() const {
  std::string legend;
  for (const Rank rank : {Rank::kRejected, Rank::kOpen, Rank::kTried, Rank::kGood, Rank::kSmallest}) {
    const std::string entry = Mark(rank) + " " + GlyphOf(rank).words + "   ";
    if (VisibleWidth(legend) + VisibleWidth(entry) >= style_.columns) break;
    legend += entry;
  }
  return legend;
}

// The shapes that say most about where the search is: the smallest good one, those that are tried below it, then those
// that were rejected there, largest first; listed by size.
std::vector<size_t> Painter::Frontier(size_t rows) const {
  std::vector<size_t> tried;
  for (size_t i = 0; i < job_.shapes.size(); ++i) {
    if (job_.shapes[i].tries > 0) tried.push_back(i);
  }
  const auto key = [&](size_t i) {
    const Rank rank = RankOf(i);
    const int order = rank == Rank::kSmallest ? 0 : rank == Rank::kTried ? 1 : rank == Rank::kRejected ? 2 : 3;
    return std::pair(order, order == 3 ? static_cast<int64_t>(i) : -static_cast<int64_t>(i));
  };
  std::sort(tried.begin(), tried.end(), [&](size_t a, size_t b) { return key(a) < key(b); });
  if (tried.size() > rows) tried.resize(rows);
  std::sort(tried.begin(), tried.end());
  return tried;
}

std::string Painter::RowTitle() const {
  const std::string title = wide() ? fmt::format("{:>12} {:>10} {:>6} {:>6}  {:<{}}  {:>8}", "hidden", "parameters",
                                                 "tries", "passes", "", kBarColumns, "best")
                                   : fmt::format("{:>7} {:>4} {:>4}", "hidden", "try", "pass");
  return static_cast<int>(title.size()) < style_.columns ? Colored(title, "2") : "";
}

std::string Painter::Row(size_t i) const {
  const VerdictRow& row = job_.shapes[i];
  const Rank rank = RankOf(i);
  const std::string hidden = HiddenText(row.shape.hidden);
  if (!wide()) {
    return fmt::format("{:>7} {:>4} {:>4} ", hidden, CountText(row.tries), CountText(row.passes)) + Mark(rank);
  }
  const std::string best = row.best_score ? ScoreText(job_.metric, *row.best_score, job_.progress.threshold) : "";
  std::string text = fmt::format("{:>12} {:>10} {:>6} {:>6}  ", hidden, CountText(Parameters(row.shape)),
                                 CountText(row.tries), CountText(row.passes)) +
                     Bar(row.tries, rank) + fmt::format("  {:>8}  ", best);
  const std::string words = GlyphOf(rank).words;
  if (VisibleWidth(text) + static_cast<int>(words.size()) < style_.columns) {
    text += Colored(words, GlyphOf(rank).color);
  }
  return text;
}

// Trials of a shape that rejected ones took; of the linear model it is one round.
int64_t TrialsOfARejection(const LiveJob& job) {
  int64_t most = 0;
  for (const VerdictRow& row : job.shapes) {
    if (row.verdict == Verdict::kNotGoodEnough && row.because == "direct" && !row.shape.hidden.empty()) {
      most = std::max(most, row.tries);
    }
  }
  return most;
}

// How far a shape is on the way to its rejection.
std::string Painter::Bar(int64_t tries, Rank rank) const {
  const int64_t whole = TrialsOfARejection(job_);
  const bool counts = whole > 0 && (rank == Rank::kTried || rank == Rank::kRejected);
  if (!counts) return std::string(kBarColumns, ' ');
  const bool done = rank == Rank::kRejected;
  const int filled = done ? kBarColumns : static_cast<int>(std::min<int64_t>(tries, whole) * kBarColumns / whole);
  std::string full;
  std::string empty;
  for (int i = 0; i < filled; ++i) full += style_.unicode ? "━" : "=";
  for (int i = filled; i < kBarColumns; ++i) empty += style_.unicode ? "─" : "-";
  return Colored(full, GlyphOf(rank).color) + Colored(empty, "2");
}

// What is good so far, else how much there can be left, with what that is based on.
std::string Painter::Foot() const {
  const JobProgress& progress = job_.progress;
  const std::optional<int64_t> left = MostTrialsLeft(job_);
  std::vector<std::string> texts;
  if (left && job_.trials_per_second && *job_.trials_per_second > 0) {
    const std::string time = DurationText(static_cast<double>(*left) / *job_.trials_per_second);
    const std::string open = Counted(progress.shapes_open, "open size");
    texts = {fmt::format("about {} more at this rate, if {} took all {}", time,
                         progress.shapes_open == 1 ? "the " + open : "each of " + open, Counted(*left, "trial")),
             fmt::format("about {} more for {}", time, open), "about " + time + " more"};
  } else if (!progress.in_reference && !IsFinal(progress.state)) {
    texts = {fmt::format("{} of {} open", CountText(progress.shapes_open), Counted(progress.shapes, "size"))};
  }
  for (const std::string& text : texts) {
    if (static_cast<int>(text.size()) < style_.columns) return text;
  }
  return "";
}

std::vector<std::string> Painter::Paint() const {
  const size_t room = static_cast<size_t>(std::min(style_.lines - 1, kMostLines));
  std::vector<std::string> lines = {Title(), Strip()};
  const bool roomy = room >= 9;
  if (roomy) lines.insert(lines.end(), {Ends(), Legend(), ""});
  const std::string foot = Foot();
  const size_t feet = foot.empty() ? 0 : 1;
  const size_t left = room > lines.size() + feet ? room - lines.size() - feet : 0;
  const std::vector<size_t> frontier = left > 1 ? Frontier(left - 1) : std::vector<size_t>();
  if (!frontier.empty()) lines.push_back(RowTitle());
  for (size_t i : frontier) lines.push_back(Row(i));
  if (feet > 0) lines.push_back(foot);
  return lines;
}

}  // namespace

std::vector<std::string> LadderPicture(const LiveJob& job, const PictureStyle& style) {
  if (style.lines < kFewestLines || job.shapes.empty()) {
    return {ProgressLine(job.progress, job.metric, job.seconds, style.columns - 1)};
  }
  std::vector<std::string> lines = Painter(job, style).Paint();
  for (std::string& line : lines) line = Clipped(line, style.columns - 1);
  return lines;
}

std::optional<int64_t> MostTrialsLeft(const LiveJob& job) {
  const int64_t whole = TrialsOfARejection(job);
  if (whole == 0 || IsFinal(job.progress.state) || job.progress.in_reference) return std::nullopt;
  int64_t left = 0;
  for (const VerdictRow& row : job.shapes) {
    if (job.progress.incumbent && row.shape.hidden == job.progress.incumbent->hidden) break;
    if (row.verdict == Verdict::kUndecided) left += std::max<int64_t>(0, whole - row.tries);
  }
  return left;
}

}  // namespace minnow::client
