// Functions whose names show what the mangling of C++20 and C++23 has that is rare: constraints, class
// types as template parameters, lambdas with template parameters, coroutines. demangle.py compiles it and
// compares how its names are read; it is never run.
#include <algorithm>
#include <array>
#include <compare>
#include <concepts>
#include <coroutine>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#define KEEP __attribute__((noinline, used))

template <typename T>
concept Num = requires(T a, T b) {
    a + b;
    { a * b } -> std::convertible_to<T>;
    requires sizeof(T) > 1;
    typename std::vector<T>;
};

// ---- constraints ----
template <Num T> KEEP T add(T a, T b) requires(sizeof(T) >= 4) && Num<T> { return a + b; }
KEEP auto short_form(Num auto x, std::integral auto y) { return x + y; }
KEEP auto many(auto... xs) requires(... && Num<decltype(xs)>) { return (xs + ... + 0); }
template <class F, class... A> requires std::invocable<F, A...>
KEEP auto call(F &&f, A &&...a) noexcept(noexcept(f(a...))) -> decltype(f(a...)) {
    return std::forward<F>(f)(std::forward<A>(a)...);
}
template <class T> struct Box {
    template <Num U> KEEP operator U() const requires(sizeof(U) > 4) { return U(); }
    template <Num U> KEEP Box(U) requires(sizeof(U) > 4) {}
    Box() = default;
    KEEP friend int befriended(Box, auto x) requires Num<decltype(x)> { return sizeof x; }
    struct Inner { KEEP int get() requires Num<T> { return 1; } };
#if __cplusplus > 202002L && defined(__clang__)
    KEEP int itself(this auto &&self, int) requires true { return 1; }
#endif
};

// ---- values and templates as template arguments ----
enum class Color { red, green };
struct Point {
    int x;
    double y;
    constexpr bool operator==(const Point &) const = default;
};
template <std::size_t N> struct Text {
    char data[N];
    constexpr Text(const char (&s)[N]) { std::copy_n(s, N, data); }
};
static const char letters[] = "x";
KEEP int twice(int x) { return 2 * x; }
template <auto V> KEEP int value() { return (int)sizeof(V); }
template <Point P> KEEP int point() { return P.x; }
template <Text T> KEEP int text() { return T.data[0]; }
template <template <class...> class C, class... A> KEEP int outer(C<A...>) { return sizeof(C<A...>); }
template <template <class...> class C> struct Wrap { KEEP static int get() { return 1; } };
template <Color C, bool B, char L, const char *S, int Point::*M, int (*F)(int)> KEEP void values() {}

// ---- inherited constructors ----
struct Base {
    template <class T> KEEP Base(T, int) {}
    KEEP Base(int) {}
};
struct Derived : Base { using Base::Base; };

// ---- coroutines ----
struct Task {
    struct promise_type {
        Task get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
};
struct Pause {
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> h) { h.resume(); }
    void await_resume() {}
};
template <Num T> KEEP Task pausing(T a) {
    co_await Pause{};
    twice((int)a);
    co_await Pause{};
}

// ---- lambdas ----
KEEP int lambdas(std::vector<int> v) {
    auto typed = []<typename T>(T a) KEEP requires Num<T> { return a; };
    auto templated = []<Num T, std::size_t N, template <class> class C>(C<T> a, std::array<T, N> b) KEEP {
        return sizeof a + sizeof b;
    };
    auto variadic = [](auto &&...xs) KEEP { return sizeof...(xs); };
    auto valued = []<auto... V>() KEEP { return (V + ...); };
    auto returning = [](Num auto x) KEEP -> decltype(x + 1) { return x; };
    auto packed = []<class... T>(T &&...t) KEEP requires(Num<T> && ...) { return sizeof...(t); };
    int sum = typed(1) + (int)typed(2.0) + (int)templated(std::optional<int>{}, std::array<int, 3>{}) +
              (int)variadic(1, 2.0, "x") + valued.template operator()<1, 2, 3>() + returning(4) + (int)packed(1, 2L);
    for (auto x : v | std::views::filter([](int i) { return i % 2; }) |
                      std::views::transform([](auto i) { return i * i; }) | std::views::take(5) | std::views::reverse)
        sum += x;
    std::ranges::sort(v, std::ranges::greater{}, [](int x) { return -x; });
    std::ranges::for_each(v, [](auto &x) { x++; });
    return sum;
}
KEEP int local() {
    struct Outer {
        KEEP int get(int d = [] { return 4; }()) {
            struct Inner { KEEP int get() { return 1; } };
            return Inner().get() + d;
        }
    };
    return Outer().get();
}

// ---- types ----
typedef int Four __attribute__((vector_size(16)));
KEEP void wide(__int128, unsigned __int128, _Float16 *, char8_t, char16_t, char32_t, std::nullptr_t, long double) {}
KEEP void vector(Four) {}
template <int I> KEEP void arrays(int (&)[I], char (*)[I + 1], int (Point::*)(int) const &, int Point::*) {}
template <class T> KEEP void sized(std::array<char, sizeof(T)>, decltype(T{} + 1), std::array<int, alignof(T)>) {}
template <class... T> KEEP void packs(std::tuple<T *...>, std::integral_constant<int, sizeof...(T)>, void (*)(T...)) {}
template <class T> KEEP void enabled(T, std::enable_if_t<std::is_integral_v<T> && (sizeof(T) > 2), int> = 0) {}
template <class T> KEEP int throwing(void (*)(T) noexcept(sizeof(T) > 2)) { return 1; }
KEEP int nothing(void (*)() noexcept, void (*)(int) noexcept(true)) { return 1; }
#ifdef __clang__
KEEP void bits(_BitInt(37), unsigned _BitInt(8)) {}
template <int I> KEEP void some_bits(_BitInt(I)) {}
KEEP void conditional(int i) __attribute__((enable_if(i > 0, "positive"))) {}
KEEP void complex(_Complex double, __attribute__((address_space(1))) int *) {}
#endif
KEEP long double operator""_km(long double d) { return d; }
KEEP std::strong_ordering operator<=>(const Base &, const Base &) { return std::strong_ordering::equal; }
inline thread_local std::string per_thread = "abc";
static auto [left, right] = std::pair{twice(1), 2.0};
KEEP int &binding() {
    static auto [a, b] = std::pair{1, 2};
    return a;
}
struct {
    int a;
    KEEP int get() { return a; }
} nameless;

int main() {
    add(1, 2);
    add(1.0, 2.0);
    short_form(1, 2L);
    many(1, 2, 3L);
    call([](int x) KEEP { return x; }, 1);
    call(&twice, 1);
    Box<int> box(3L);
    (void)(long)box;
    (void)(double)box;
    befriended(box, 1);
    Box<long>::Inner().get();
    value<3>();
    value<'c'>();
    value<nullptr>();
    value<Color::green>();
    value<&twice>();
    value<2.5>();
    value<Point{1, 2.0}>();
    point<Point{3, -4.5}>();
    text<"hello\n\x01z">();
    outer(std::vector<int>{});
    outer(std::tuple<int, long>{});
    Wrap<std::tuple>::get();
    values<Color::green, true, 'x', letters, &Point::x, twice>();
    Derived by_template(1.0, 2), by_int(3);
    pausing(3);
    pausing(2.0);
    lambdas({1, 2, 3});
    local();
    int three[3];
    arrays<3>(three, nullptr, nullptr, nullptr);
    sized<int>({}, 1, {});
    packs<int, char>(std::tuple<int *, char *>{}, {}, (void (*)(int, char))nullptr);
    packs(std::tuple<>{}, {}, (void (*)())nullptr);
    enabled(3);
    throwing<int>(nullptr);
    nothing(nullptr, nullptr);
    wide(1, 2, nullptr, u8'a', u'a', U'a', nullptr, 1);
    vector(Four{});
#ifdef __clang__
    bits(1, 2);
    some_bits<13>(3);
    conditional(1);
    complex(1.0, nullptr);
#if __cplusplus > 202002L
    Box<int>().itself(1);
    const Box<long> fixed{};
    fixed.itself(2);
#endif
#endif
    binding();
    nameless.get();
    (void)1.0_km;
    (void)(Base(1) < Base(2));
    std::variant<int, std::string, std::vector<double>> v = 1;
    std::visit([](auto &&x) { twice(sizeof x); }, v);
    std::function<int(int, std::string)> f = [](int a, std::string b) { return a + (int)b.size(); };
    std::map<std::string, std::unique_ptr<Point>> m;
    m["a"] = std::make_unique<Point>();
    auto shared = std::make_shared<std::vector<std::optional<Point>>>();
    return f(1, "a") + left + (int)right + (int)per_thread.size() + (int)shared->size();
}
