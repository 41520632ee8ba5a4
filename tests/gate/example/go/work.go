package work

var Sink []byte

const rounds = 20

//go:noinline
func heavyComputation(n int) uint64 {
	h := uint64(14695981039346656037)
	for round := 0; round < rounds; round++ {
		for i := 0; i < n; i++ {
			h = (h ^ uint64(i&255)) * 1099511628211
			h ^= h >> 29
		}
	}
	return h
}

//go:noinline
func fill(n int) {
	for i := 0; i < rounds; i++ {
		Sink = make([]byte, n)
	}
}

func Work() uint64 {
	fill(8192)
	return heavyComputation(100000)
}
