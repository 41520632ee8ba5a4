// Work for a profiler that looks at CPU time.
#include <cstdint>
#include <cstdio>

namespace work {

const int rounds = 20;

__attribute__((noinline)) uint64_t heavyComputation(int n) {
    uint64_t h = 14695981039346656037u;
    for (int round = 0; round < 60 * rounds; round++)
        for (int i = 0; i < n; i++) {
            h = (h ^ (uint64_t)(i & 255)) * 1099511628211u;
            h ^= h >> 29;
        }
    return h;
}

} // namespace work

int main() {
    std::printf("%llu\n", (unsigned long long)work::heavyComputation(200000));
}
