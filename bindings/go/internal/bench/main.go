// Bench measures what Go costs: the same work through this package and through the C API, in
// one process, as ratios. benches/README.md says how to read it.
//
//	bindings/go/tests/bench PREFIX [-rounds N] [-scale FACTOR] [-only PART]
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"time"
)

// A contest is the same work done by both sides.
type contest struct {
	name string
	// limit is the ratio that must not be crossed; 0 for none.
	limit float64
	c, g  func()
}

func main() {
	rounds := flag.Int("rounds", 15, "how often each side runs, after once to warm up")
	scale := flag.Float64("scale", 1, "makes everything smaller, as 0.1 for a quick look")
	only := flag.String("only", "", "cases that have this in their name")
	dir := flag.String("dir", "", "where the files go; 700 MiB, removed at the end")
	flag.Parse()
	log.SetFlags(0)

	dirs, err := os.MkdirTemp(*dir, "tfckpt-bench")
	check(err)
	failed := false
	func() {
		defer os.RemoveAll(dirs)
		fmt.Printf("%-22s %28s %28s   ratio\n", "case, milliseconds", "C", "Go")
		for _, contest := range contests(dirs, *scale) {
			if strings.Contains(contest.name, *only) {
				failed = !contest.run(*rounds) || failed
			}
		}
	}()
	if failed {
		os.Exit(1)
	}
}

// run lets the two take turns, so that whatever else goes on meets both, and tells how it went.
func (c contest) run(rounds int) bool {
	c.c()
	c.g()
	var cTimes, goTimes []time.Duration
	for range rounds {
		cTimes = append(cTimes, timed(c.c))
		goTimes = append(goTimes, timed(c.g))
	}
	slices.Sort(cTimes)
	slices.Sort(goTimes)
	ratio := float64(median(goTimes)) / float64(median(cTimes))
	// What else the machine does makes rounds slower, and never quicker: the quickest are what
	// the work takes.
	best := float64(goTimes[0]) / float64(cTimes[0])
	verdict := ""
	if c.limit > 0 {
		verdict = fmt.Sprintf(", limit %.2f", c.limit)
	}
	passed := c.limit == 0 || min(ratio, best) <= c.limit
	if !passed {
		verdict += ": FAILED"
	}
	fmt.Printf("%-22s %28s %28s   %.3f (quickest %.3f%s)\n", c.name, show(cTimes), show(goTimes), ratio, best, verdict)
	return passed
}

func timed(work func()) time.Duration {
	begin := time.Now()
	work()
	return time.Since(begin)
}

func median(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }

// show is the median, and from the quickest to the slowest.
func show(sorted []time.Duration) string {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return fmt.Sprintf("%.1f (%.1f to %.1f)", ms(median(sorted)), ms(sorted[0]), ms(sorted[len(sorted)-1]))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
