// Counts the words of a text and ranks them. What the variants change: PERCENT, EXTRA, the name of slowOne.
package main

import (
	"fmt"
	"math/rand"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

const PERCENT = 100 // of its work that slowOne does
const EXTRA = 0     // of addedOne's

//go:noinline
func slowOne(text string, n int) (hash uint32) { // a tokenizer
	for i, at := 0, 0; i < n; i, at = i+1, (at+1)%len(text) {
		c := text[at]
		if c == ' ' || c == '\n' {
			hash = 2166136261
		} else {
			hash = (hash ^ uint32(c|32)) * 16777619
		}
	}
	return hash
}

//go:noinline
func addedOne(text string, n int) (sum int) {
	for i := 0; i < n; i++ {
		sum = sum*31 + int(text[i%len(text)])
	}
	return sum
}

func count(words []string, n int) map[string]int {
	counts := map[string]int{}
	for i := 0; i < n; i++ {
		counts[words[i%len(words)]]++
	}
	return counts
}

func rank(counts map[string]int, n int) (best string) {
	for i := 0; i < n; i++ {
		var all []string
		for word := range counts {
			all = append(all, word)
		}
		sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
		best = all[0]
	}
	return best
}

func main() {
	noise, _ := strconv.ParseFloat(os.Args[1], 64)
	dice := rand.New(rand.NewSource(time.Now().UnixNano()))
	amount := func(n int) int { return int(float64(n) * (1 + noise*dice.NormFloat64())) }
	var text strings.Builder
	for i := 0; i < 3000; i++ {
		fmt.Fprintf(&text, "%c%d-word ", 'a'+i%26, i*7919%500)
	}
	words := strings.Fields(text.String())
	sum := slowOne(text.String(), amount(50000*PERCENT))
	counts := count(words, amount(300000))
	best := rank(counts, amount(35))
	if EXTRA > 0 {
		sum += uint32(addedOne(text.String(), amount(EXTRA)))
	}
	fmt.Println(sum, best)
}
