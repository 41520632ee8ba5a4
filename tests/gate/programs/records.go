// Reads and writes JSON and compares names. What the variants change: PERCENT, EXTRA, the name of slowOne.
package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"time"
)

const PERCENT = 100 // of its work that slowOne does
const EXTRA = 0     // of addedOne's

type record struct {
	Name  string            `json:"name"`
	Sizes []int             `json:"sizes"`
	Tags  map[string]string `json:"tags"`
}

func least(a, b, c int) int {
	if b < a {
		a = b
	}
	if c < a {
		a = c
	}
	return a
}

//go:noinline
func slowOne(a, b string, n int) (last int) { // an edit distance
	row := make([]int, len(b)+1)
	for ; n > 0; n-- {
		for j := range row {
			row[j] = j
		}
		for i := 1; i <= len(a); i++ {
			before := row[0]
			row[0] = i
			for j := 1; j <= len(b); j++ {
				cost := before
				if a[i-1] != b[j-1] {
					cost++
				}
				before = row[j]
				row[j] = least(cost, before+1, row[j-1]+1)
			}
		}
		last += row[len(b)]
	}
	return last
}

//go:noinline
func addedOne(text []byte, n int) (sum int) {
	for i := 0; i < n; i++ {
		sum = sum*31 + int(text[i%len(text)])
	}
	return sum
}

func encode(r record, n int) (text []byte) {
	for ; n > 0; n-- {
		text, _ = json.Marshal(r)
	}
	return text
}

func decode(text []byte, n int) (r record) {
	for ; n > 0; n-- {
		r = record{}
		_ = json.Unmarshal(text, &r)
	}
	return r
}

func main() {
	noise, _ := strconv.ParseFloat(os.Args[1], 64)
	dice := rand.New(rand.NewSource(time.Now().UnixNano()))
	amount := func(n int) int { return int(float64(n) * (1 + noise*dice.NormFloat64())) }
	r := record{"a name of some length", []int{1, 20, 300, 4000}, map[string]string{"k": "v", "other": "value"}}
	text := encode(r, amount(4000))
	back := decode(text, amount(3000))
	sum := slowOne(back.Name, "another name, of a length", amount(140*PERCENT))
	if EXTRA > 0 {
		sum += addedOne(text, amount(EXTRA))
	}
	fmt.Println(sum)
}
