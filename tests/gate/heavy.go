// A program with a fixed amount of work, profiled: heavy -cpuprofile=cpu.pb.gz [-percent=140]
// heavyComputation is most of it; -percent says how much of its usual work it does. The note of the
// runtime about the rate does not matter: the rate is in the profile.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/pprof"
)

//go:noinline
func heavyComputation(n int) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < n; i++ {
		h = (h ^ uint64(i&255)) * 1099511628211
		h ^= h >> 29
	}
	return h
}

//go:noinline
func parse(n int) uint64 {
	s := uint64(1)
	for i := 0; i < n; i++ {
		s = s*6364136223846793005 + 1442695040888963407
		s ^= s >> 31
	}
	return s
}

//go:noinline
func render(n int) uint64 {
	s := uint64(88172645463325252)
	for i := 0; i < n; i++ {
		s ^= s << 13
		s ^= s >> 7
		s ^= s << 17
	}
	return s
}

func serve(units, percent int) (sum uint64) {
	for i := 0; i < units; i++ {
		sum += parse(250000)
		sum += heavyComputation(10000 * percent)
		sum += render(250000)
	}
	return sum
}

func main() {
	out := flag.String("cpuprofile", "", "file to write")
	percent := flag.Int("percent", 100, "how much work heavyComputation does")
	units := flag.Int("units", 250, "units of work")
	flag.Parse()
	file, err := os.Create(*out)
	if err != nil {
		log.Fatal(err)
	}
	runtime.SetCPUProfileRate(250) // more samples than the 100 a second of StartCPUProfile
	if err := pprof.StartCPUProfile(file); err != nil {
		log.Fatal(err)
	}
	sum := serve(*units, *percent)
	pprof.StopCPUProfile()
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sum)
}
