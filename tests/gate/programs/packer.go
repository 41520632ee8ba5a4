// Packs data and looks for patterns in it. What the variants change: PERCENT, EXTRA, the name of slowOne.
package main

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"fmt"
	"math/rand"
	"os"
	"regexp"
	"strconv"
	"time"
)

const PERCENT = 100 // of its work that slowOne does
const EXTRA = 0     // of addedOne's

//go:noinline
func slowOne(data []byte, n int) (most int) { // counts of pairs of bytes
	counts := make([]int, 1<<12)
	for i := 0; i < n; i++ {
		at := i % (len(data) - 1)
		pair := (int(data[at])<<4 ^ int(data[at+1])) & (len(counts) - 1)
		counts[pair]++
		if counts[pair] > most {
			most = counts[pair]
		}
	}
	return most
}

//go:noinline
func addedOne(data []byte, n int) (sum int) {
	for i := 0; i < n; i++ {
		sum = sum*31 + int(data[i%len(data)])
	}
	return sum
}

func pack(data []byte, n int) int {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, 5)
	for ; n > 0; n-- {
		_, _ = w.Write(data[:512])
	}
	w.Close()
	return out.Len()
}

func search(data []byte, n int) (found int) {
	pattern := regexp.MustCompile(`(item|line) [0-9]+x`)
	for ; n > 0; n-- {
		found += len(pattern.FindAllIndex(data[:2048], -1))
	}
	return found
}

func digest(data []byte, n int) (sum byte) {
	for ; n > 0; n-- {
		sum += sha256.Sum256(data[:1024])[0]
	}
	return sum
}

func main() {
	noise, _ := strconv.ParseFloat(os.Args[1], 64)
	dice := rand.New(rand.NewSource(time.Now().UnixNano()))
	amount := func(n int) int { return int(float64(n) * (1 + noise*dice.NormFloat64())) }
	var text bytes.Buffer
	for i := 0; i < 4000; i++ {
		fmt.Fprintf(&text, "item %d of line %dx\n", i*7919%1000, i)
	}
	data := text.Bytes()
	sum := slowOne(data, amount(65000*PERCENT))
	sum += pack(data, amount(1500)) + search(data, amount(70)) + int(digest(data, amount(3000)))
	if EXTRA > 0 {
		sum += addedOne(data, amount(EXTRA))
	}
	fmt.Println(sum)
}
