// Keeps words in a map, sorts and searches. What the variants change: PERCENT, EXTRA, the name of
// slowOne.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

enum { PERCENT = 100 }; // of its work that slowOne does
enum { EXTRA = 0 };     // of addedOne's

namespace text {
[[gnu::noinline]] long slowOne(const std::string &hay, const std::string &needle,
                               int n) { // a search
    long found = 0;
    for (int i = 0; i < n; i++) {
        size_t at = (size_t)i % (hay.size() - needle.size()), same = 0;
        while (same < needle.size() && (hay[at + same] | 32) == (needle[same] | 32))
            same++;
        found += same == needle.size() ? 100 : (long)same;
    }
    return found;
}
[[gnu::noinline]] long addedOne(const std::string &s, int n) {
    long sum = 0;
    for (int i = 0; i < n; i++)
        sum = sum * 31 + s[(size_t)i % s.size()];
    return sum;
}
} // namespace text

class Index {
    std::map<std::string, int> words;

  public:
    [[gnu::noinline]] void add(int n) {
        for (int i = 0; i < n; i++)
            words["word" + std::to_string(i * 7919 % 700)] += i;
    }
    [[gnu::noinline]] size_t rank(int n) {
        size_t sum = 0;
        for (; n > 0; n--) {
            std::vector<std::pair<int, std::string>> all;
            for (auto &w : words)
                all.emplace_back(w.second * 7919 % 1000, w.first);
            std::sort(all.begin(), all.end());
            sum += all[0].second.size();
        }
        return sum;
    }
};

int main(int, char **argv) {
    std::mt19937_64 dice((uint64_t)std::chrono::system_clock::now().time_since_epoch().count());
    std::normal_distribution<double> normal(1, atof(argv[1]) + 1e-12);
    auto amount = [&](int n) { return (int)(n * normal(dice)); };
    std::string hay;
    for (int i = 0; i < 3000; i++)
        hay += "a needl in hay, " + std::to_string(i);
    Index index;
    index.add(amount(250000));
    long sum =
        text::slowOne(hay, "Needle", amount(70000 * PERCENT)) + (long)index.rank(amount(170));
    if (EXTRA > 0) sum += text::addedOne(hay, amount(EXTRA));
    printf("%ld\n", sum);
}
