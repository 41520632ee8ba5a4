/* The numbers of perf.data. Sources: include/uapi/linux/perf_event.h and
 * tools/perf/Documentation/perf.data-file-format.txt of Linux. */
#ifndef PERF_FORMAT_H
#define PERF_FORMAT_H

#include <stdint.h>

enum perf_record_type {
    PERF_MMAP = 1,
    PERF_LOST = 2,
    PERF_COMM = 3,
    PERF_EXIT = 4,
    PERF_THROTTLE = 5,
    PERF_FORK = 7,
    PERF_SAMPLE = 9,
    PERF_MMAP2 = 10,
    PERF_AUX = 11,
    PERF_LOST_SAMPLES = 13,
    PERF_KSYMBOL = 17,
    PERF_CGROUP = 19,
    PERF_KERNEL_RECORDS = 64, /* those from here on were written by the program perf */
    PERF_NO_RECORDS = 4096,   /* far above all that there are */
    PERF_HEADER_ATTR = 64,
    PERF_TRACING_DATA = 66,
    PERF_HEADER_BUILD_ID = 67,
    PERF_FINISHED_ROUND = 68,
    PERF_AUXTRACE = 71,
    PERF_EVENT_UPDATE = 78,
    PERF_HEADER_FEATURE = 80,
    PERF_COMPRESSED = 81,
    PERF_COMPRESSED2 = 83
};

enum perf_misc {
    MISC_CPUMODE = 7,
    MISC_MMAP_DATA = 1 << 13, /* of MMAP: not code */
    MISC_COMM_EXEC = 1 << 13, /* of COMM: by exec */
    MISC_MMAP_BUILD_ID = 1 << 14,
    MISC_BUILD_ID_SIZE = 1 << 15
};

enum perf_cpumode {
    MODE_UNKNOWN,
    MODE_KERNEL,
    MODE_USER,
    MODE_HYPERVISOR,
    MODE_GUEST_KERNEL,
    MODE_GUEST_USER,
    MODE_N = 8
};

enum perf_sample_bit {
    SAMPLE_IP = 1 << 0,
    SAMPLE_TID = 1 << 1,
    SAMPLE_TIME = 1 << 2,
    SAMPLE_ADDR = 1 << 3,
    SAMPLE_READ = 1 << 4,
    SAMPLE_CALLCHAIN = 1 << 5,
    SAMPLE_ID = 1 << 6,
    SAMPLE_CPU = 1 << 7,
    SAMPLE_PERIOD = 1 << 8,
    SAMPLE_STREAM_ID = 1 << 9,
    SAMPLE_RAW = 1 << 10,
    SAMPLE_BRANCH_STACK = 1 << 11,
    SAMPLE_REGS_USER = 1 << 12,
    SAMPLE_STACK_USER = 1 << 13,
    SAMPLE_WEIGHT = 1 << 14,
    SAMPLE_DATA_SRC = 1 << 15,
    SAMPLE_IDENTIFIER = 1 << 16,
    SAMPLE_TRANSACTION = 1 << 17,
    SAMPLE_REGS_INTR = 1 << 18,
    SAMPLE_PHYS_ADDR = 1 << 19,
    SAMPLE_AUX = 1 << 20,
    SAMPLE_CGROUP = 1 << 21,
    SAMPLE_WEIGHT_STRUCT = 1 << 24
};

enum perf_read_bit {
    READ_ENABLED = 1 << 0,
    READ_RUNNING = 1 << 1,
    READ_ID = 1 << 2,
    READ_GROUP = 1 << 3,
    READ_LOST = 1 << 4
};

enum perf_branch_bit {
    BRANCH_CALL_STACK = 1 << 11,
    BRANCH_HW_INDEX = 1 << 17,
    BRANCH_COUNTERS = 1 << 19
};

enum perf_attr_flag { ATTR_FREQ = 1 << 10, ATTR_SAMPLE_ID_ALL = 1 << 18, ATTR_CLOCK = 1 << 25 };

enum perf_feature {
    FEATURE_BUILD_ID = 2,
    FEATURE_HOSTNAME = 3,
    FEATURE_VERSION = 5,
    FEATURE_ARCH = 6,
    FEATURE_CMDLINE = 11,
    FEATURE_EVENT_DESC = 12,
    FEATURE_PMU_MAPPINGS = 16,
    FEATURE_CLOCK_DATA = 29,
    FEATURE_BITS = 256
};

/* What stands between the addresses of a call chain: whose they are. */
#define PERF_CONTEXT_FIRST ((uint64_t)-4095)
#define PERF_CONTEXT(n)    ((uint64_t) - (n))

#endif
