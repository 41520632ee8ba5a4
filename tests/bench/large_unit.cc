// A unit of a large program: containers, closures and threads of MOST types of its own, which make
// 5 MB of DWARF. tests/bench/symbols compiles it once and has the assembler make copies, each with
// a name in place of app00.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace app00 {

template <int N> struct Key {
    std::string name;
    int number = N;
    bool operator<(const Key &o) const {
        return std::tie(name, number) < std::tie(o.name, o.number);
    }
    bool operator==(const Key &o) const {
        return name == o.name && number == o.number;
    }
};

template <int N> struct Hash {
    size_t operator()(const Key<N> &k) const {
        return std::hash<std::string>()(k.name) * 31 + k.number;
    }
};

template <int N> class Store {
    std::map<Key<N>, std::vector<Key<N>>> sorted;
    std::unordered_map<Key<N>, std::shared_ptr<Key<N>>, Hash<N>> shared;
    std::deque<std::function<int(const Key<N> &)>> calls;
    std::list<std::variant<Key<N>, std::string, std::vector<Key<N>>>> mixed;
    std::set<std::pair<Key<N>, int>> pairs;

  public:
    int add(const std::string &text) {
        Key<N> k{text, N};
        sorted[k].push_back(k);
        shared.emplace(k, std::make_shared<Key<N>>(k));
        calls.push_back(
            [n = sorted.size(), k](const Key<N> &o) { return o < k ? int(n) : o.number; });
        mixed.emplace_back(k);
        mixed.emplace_back(std::vector<Key<N>>{k, k});
        pairs.insert({k, int(pairs.size())});
        return int(sorted.size());
    }
    int sum() const {
        int total = 0;
        for (auto &[k, list] : sorted) {
            std::vector<Key<N>> copy(list);
            std::sort(copy.begin(), copy.end(), [](auto &a, auto &b) { return b < a; });
            std::stable_sort(copy.begin(), copy.end());
            total += std::accumulate(copy.begin(), copy.end(), 0,
                                     [](int s, const Key<N> &o) { return s + o.number; });
            for (auto &call : calls)
                total += call(k);
        }
        for (auto &m : mixed)
            total += std::visit(
                [](auto &v) -> int {
                    if constexpr (std::is_same_v<std::decay_t<decltype(v)>, Key<N>>)
                        return v.number;
                    else
                        return int(v.size());
                },
                m);
        return total;
    }
    std::future<int> later() const {
        return std::async(std::launch::deferred, [this] { return sum(); });
    }
};

template <int N> int use(const std::string &text) {
    Store<N> s;
    s.add(text);
    int n = s.later().get();
    if constexpr (N > 0) n += use<N - 1>(text + char('a' + N % 26));
    return n;
}

int run(const std::string &text) {
    std::regex words("([a-z]+)([0-9]*)");
    std::smatch m;
    if (std::regex_match(text, m, words)) return use<MOST>(m[1]);
    return use<MOST>(text);
}

} // namespace app00
