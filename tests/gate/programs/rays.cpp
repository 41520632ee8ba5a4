// Follows rays among spheres. What the variants change: PERCENT, EXTRA, the name of slowOne.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

enum { PERCENT = 100 }; // of its work that slowOne does
enum { EXTRA = 0 };     // of addedOne's

struct Vec {
    double x, y, z;
    double dot(const Vec &o) const {
        return x * o.x + y * o.y + z * o.z;
    }
    Vec operator-(const Vec &o) const {
        return {x - o.x, y - o.y, z - o.z};
    }
};

struct Sphere {
    Vec centre;
    double radius;
};

class Scene {
    std::vector<Sphere> spheres;
    std::vector<double> picture;

  public:
    Scene() : picture(4096) {
        for (int i = 0; i < 64; i++)
            spheres.push_back({{i * 0.37, i % 7 * 0.9, 5.0 + i % 5}, 0.3 + i % 3 * 0.2});
    }
    [[gnu::noinline]] double slowOne(int n) const { // the nearest sphere
        double sum = 0;
        for (int i = 0; i < n; i++) {
            Vec to = spheres[(size_t)i % 64].centre - Vec{i % 100 * 0.01, 0.2, 0};
            double along = to.z, away = to.dot(to) - along * along,
                   r = spheres[(size_t)i % 64].radius;
            if (away < r * r * 40)
                sum += std::sqrt(along * along + 1) - std::sqrt(std::fabs(r * r - away) + 1);
        }
        return sum;
    }
    [[gnu::noinline]] void shade(int n) {
        for (int i = 0; i < n; i++)
            picture[(size_t)i % 4096] += std::pow(std::fabs(std::sin(i * 0.001)), 2.2);
    }
    [[gnu::noinline]] double blur(int n) {
        for (; n > 0; n--)
            for (size_t i = 1; i + 1 < picture.size(); i++)
                picture[i] = (picture[i - 1] + 2 * picture[i] + picture[i + 1]) / 4;
        return picture[100];
    }
    [[gnu::noinline]] double addedOne(int n) const {
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum = sum * 0.5 + picture[(size_t)i % 4096];
        return sum;
    }
};

int main(int, char **argv) {
    std::mt19937_64 dice((uint64_t)std::chrono::system_clock::now().time_since_epoch().count());
    std::normal_distribution<double> normal(1, atof(argv[1]) + 1e-12);
    auto amount = [&](int n) { return (int)(n * normal(dice)); };
    Scene scene;
    scene.shade(amount(140000));
    double sum = scene.slowOne(amount(36000 * PERCENT)) + scene.blur(amount(800));
    if (EXTRA > 0) sum += scene.addedOne(amount(EXTRA));
    printf("%g\n", sum);
}
