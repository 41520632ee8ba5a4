/* See packed_ids.h. */
#include "profile/decode/packed_ids.h"

#include <endian.h>
#include <stddef.h>

static const uint32_t MOST_FRAMES = UINT32_C(1) << 31;

/* One id, of any length. */
static bool one_frame(struct wire *packed, uint32_t *frame) {
    uint64_t id;
    if (!wire_varint(packed, &id) || id - 1 >= MOST_FRAMES) return false;
    *frame = (uint32_t)(id - 1);
    return true;
}

/* Four ids of two bytes each, as most are; false when they are not. */
static inline bool four_frames(const uint8_t *at, uint32_t *frames) {
    uint64_t w;
    memcpy(&w, at, sizeof w);
    w = le64toh(w);
    if ((w & 0x8080808080808080U) != 0x0080008000800080U) return false;
    w = (w & 0x007f007f007f007fU) | (w & 0x7f007f007f007f00U) >> 1;
    uint32_t a = (uint16_t)w, b = (uint16_t)(w >> 16), c = (uint16_t)(w >> 32),
             d = (uint16_t)(w >> 48);
    frames[0] = a - 1;
    frames[1] = b - 1;
    frames[2] = c - 1;
    frames[3] = d - 1;
    return a && b && c && d;
}

/* Seven bits of each byte, of four at most. */
static inline uint32_t joined(uint64_t w) {
    return (uint32_t)((w & 0x7f) | (w >> 1 & 0x3f80) | (w >> 2 & 0x1fc000) | (w >> 3 & 0xfe00000));
}

/* Two ids of one to four bytes each, without a branch for their lengths; the bytes that they take,
 * or 0. */
static inline unsigned two_frames(const uint8_t *at, uint32_t *frames) {
    uint64_t w;
    memcpy(&w, at, sizeof w);
    w = le64toh(w);
    uint64_t ends = ~w & 0x8080808080808080U, later = ends & (ends - 1);
    if (!later) return 0;
    unsigned first = (unsigned)__builtin_ctzll(ends) + 1;
    unsigned both = (unsigned)__builtin_ctzll(later) + 1;
    if (first > 32 || both - first > 32) return 0;
    uint32_t a = joined(w & (ends ^ (ends - 1)));
    uint32_t b = joined((w & (later ^ (later - 1))) >> first);
    frames[0] = a - 1;
    frames[1] = b - 1;
    return a && b ? both / 8 : 0;
}

bool packed_ids_read(struct wire packed, uint32_t *frames, struct packed_ids *ret_ids) {
    uint32_t *to = frames;
    while (packed.at < packed.end) {
        if (packed.end - packed.at >= 8) {
            if (four_frames(packed.at, to)) {
                packed.at += 8;
                to += 4;
                continue;
            }
            unsigned taken = two_frames(packed.at, to);
            packed.at += taken;
            to += taken ? 2 : 0;
            if (taken) continue;
        }
        if (!one_frame(&packed, to++)) return false;
    }
    struct packed_ids ids = {(uint32_t)(to - frames), 0};
    for (uint32_t i = 0; i < ids.n; i++)
        ids.end = frames[i] < ids.end ? ids.end : frames[i] + 1;
    *ret_ids = ids;
    return true;
}

/* ---- 64 bytes at a time, where the processor can ---- */

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>

#define WITH_AVX512                                                                                \
    __attribute__((                                                                                \
        target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")))

static const uint8_t places[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

/* Sixteen ids of at most four bytes, by the places of their first and last bytes. */
static inline WITH_AVX512 __m512i sixteen_ids(__m512i bytes, __m128i firsts, __m128i lasts) {
    const __m512i to_all_four = _mm512_set4_epi32(0x0c0c0c0c, 0x08080808, 0x04040404, 0);
    __m512i first = _mm512_cvtepu8_epi32(firsts), last = _mm512_cvtepu8_epi32(lasts);
    __m512i spare = _mm512_sub_epi32(_mm512_set1_epi32(3), _mm512_sub_epi32(last, first));
    __m512i from =
        _mm512_add_epi8(_mm512_shuffle_epi8(first, to_all_four), _mm512_set1_epi32(0x03020100));
    __m512i sevens = _mm512_and_si512(
        _mm512_permutexvar_epi8(from, bytes),
        _mm512_srlv_epi32(_mm512_set1_epi32(0x7f7f7f7f), _mm512_slli_epi32(spare, 3)));
    __m512i odd = _mm512_and_si512(sevens, _mm512_set1_epi16(0x7f00));
    __m512i fourteens = _mm512_sub_epi16(sevens, _mm512_srli_epi16(odd, 1));
    return _mm512_madd_epi16(fourteens, _mm512_set1_epi32(1 << 14 << 16 | 1));
}

struct frames {
    uint32_t *to;
    __m512i largest;
    bool has_zero;
};

static inline WITH_AVX512 void put_frames(struct frames *f, __m512i ids, __mmask16 which) {
    __m512i frames = _mm512_sub_epi32(ids, _mm512_set1_epi32(1));
    f->has_zero |= _mm512_mask_testn_epi32_mask(which, ids, ids) != 0;
    f->largest = _mm512_mask_max_epu32(f->largest, which, f->largest, frames);
    _mm512_mask_storeu_epi32(f->to, which, frames);
    f->to += _mm_popcnt_u32(which);
}

/* Up to 32 ids of at most four bytes from the next 64 bytes; false: there is a longer one, or
 * none. */
static inline WITH_AVX512 bool next_frames(struct wire *packed, struct frames *f) {
    const __m512i all_places = _mm512_loadu_si512(places);
    size_t left = (size_t)(packed->end - packed->at);
    uint64_t have = left < 64 ? _bzhi_u64(UINT64_MAX, (uint32_t)left) : UINT64_MAX;
    __m512i bytes = _mm512_maskz_loadu_epi8(have, packed->at);
    uint64_t more = _mm512_movepi8_mask(bytes), lasts = ~more & have;
    if (!lasts || (more & more >> 1 & more >> 2 & more >> 3)) return false;
    __m512i first_at = _mm512_maskz_compress_epi8(lasts << 1 | 1, all_places);
    __m512i last_at = _mm512_maskz_compress_epi8(lasts, all_places);
    uint64_t taken = _pdep_u64(UINT32_MAX, lasts);
    uint32_t which = (uint32_t)_pext_u64(taken, lasts);
    packed->at += 64 - _lzcnt_u64(taken);
    put_frames(
        f, sixteen_ids(bytes, _mm512_castsi512_si128(first_at), _mm512_castsi512_si128(last_at)),
        (__mmask16)which);
    put_frames(f,
               sixteen_ids(bytes, _mm512_extracti32x4_epi32(first_at, 1),
                           _mm512_extracti32x4_epi32(last_at, 1)),
               (__mmask16)(which >> 16));
    return true;
}

static WITH_AVX512 bool read_by_64(struct wire packed, uint32_t *frames,
                                   struct packed_ids *ret_ids) {
    struct frames f = {frames, _mm512_setzero_si512(), false};
    uint32_t end = 0;
    while (packed.at < packed.end) {
        if (next_frames(&packed, &f)) continue;
        if (!one_frame(&packed, f.to)) return false;
        end = *f.to < end ? end : *f.to + 1;
        f.to++;
    }
    struct packed_ids ids = {(uint32_t)(f.to - frames), _mm512_reduce_max_epu32(f.largest) + 1};
    if (ids.end < end || f.to == frames) ids.end = end;
    *ret_ids = ids;
    return !f.has_zero;
}

/* Whether the system keeps the registers, too. */
static bool has_avx512(void) {
    enum { OSXSAVE = 1 << 27, REGISTERS = 0xe6 };
    enum { BMI = 1 << 3, BMI2 = 1 << 8, F = 1 << 16, BW = 1 << 30, VBMI = 1 << 1, VBMI2 = 1 << 6 };
    const uint32_t vl = UINT32_C(1) << 31;
    const uint32_t wanted = BMI | BMI2 | F | BW | vl, wanted_more = VBMI | VBMI2;
    uint32_t a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & OSXSAVE)) return false;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & REGISTERS) != REGISTERS || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
    return (b & wanted) == wanted && (c & wanted_more) == wanted_more;
}

packed_ids_reader *packed_ids_fastest(void) {
    return has_avx512() ? read_by_64 : packed_ids_read;
}

#else

packed_ids_reader *packed_ids_fastest(void) {
    return packed_ids_read;
}

#endif
