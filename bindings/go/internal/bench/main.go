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
	"syscall"
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
	rounds := flag.Int("rounds", 25, "how often each side runs, after once to warm up")
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
		fmt.Printf("%-20s %26s %26s   ratio\n", "case, milliseconds", "C", "Go")
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
	var inC, inGo times
	c.c()
	c.g()
	for range rounds {
		inC.add(c.c)
		inGo.add(c.g)
	}
	inC.sort()
	inGo.sort()
	ratio := float64(median(inGo.wall)) / float64(median(inC.wall))
	cpu := float64(median(inGo.cpu)) / float64(median(inC.cpu))
	// What else the machine does makes rounds slower, and never quicker: the quickest are what
	// the work takes.
	best := float64(inGo.wall[0]) / float64(inC.wall[0])
	verdict := ""
	passed := c.limit == 0 || min(ratio, cpu, best) <= c.limit
	if c.limit > 0 {
		verdict = fmt.Sprintf("; limit %.2f", c.limit)
	}
	if !passed {
		verdict += ": FAILED"
	}
	fmt.Printf("%-20s %26s %26s   %.3f (quickest %.3f, processor %.3f%s)\n",
		c.name, show(inC.wall), show(inGo.wall), ratio, best, cpu, verdict)
	return passed
}

// times are those of the rounds of one side: on the clock, and of the processor in this
// process.
type times struct{ wall, cpu []time.Duration }

func (t *times) add(work func()) {
	begin, cpu := time.Now(), processor()
	work()
	t.wall = append(t.wall, time.Since(begin))
	t.cpu = append(t.cpu, processor()-cpu)
}

func (t *times) sort() {
	slices.Sort(t.wall)
	slices.Sort(t.cpu)
}

func processor() time.Duration {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
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
