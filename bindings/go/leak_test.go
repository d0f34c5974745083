package tfckpt_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// raceDetector is whether the tests run with it. It takes memory for every cleanup, and keeps
// it, whatever the cleanup is of.
var raceDetector bool

// A hundred thousand readers, closed or forgotten, leave nothing behind: neither memory, that
// of C included, nor open files.
func TestNothingLeaks(t *testing.T) {
	path := sample(t)
	count := fewer(100_000)
	use := func(t *testing.T, i int) *tfckpt.Reader {
		r, err := tfckpt.Open(path)
		must(t, err)
		if i%10 == 0 {
			_, err := r.Lookup("none")
			expectIs(t, err, tfckpt.ErrNotFound)
			_, err = r.ReadStrings("c/words")
			must(t, err)
			for range r.All() {
				break
			}
		}
		return r
	}
	t.Run("closed", func(t *testing.T) {
		expectFlat(t, count, func(i int) { must(t, use(t, i).Close()) })
	})
	t.Run("forgotten", func(t *testing.T) {
		if raceDetector {
			t.Skip("the race detector itself grows by what is forgotten")
		}
		expectFlat(t, count, func(i int) { use(t, i) })
	})
	t.Run("writers", func(t *testing.T) {
		dir := t.TempDir()
		expectFlat(t, count/20, func(i int) {
			w, err := tfckpt.Create(filepath.Join(dir, fmt.Sprint(i)))
			must(t, err)
			must(t, tfckpt.Add(w, "a", nil, []int64{1}))
			if i%2 == 0 {
				must(t, w.Abort())
			}
		})
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%d files are left, %v", len(left), err)
		}
	})
}

// between is how many are forgotten until the garbage is collected: few, for the files that
// each has open.
const between = 100

// expectFlat repeats something, and sees that the process does not grow by it.
func expectFlat(t *testing.T, count int, something func(i int)) {
	t.Helper()
	var memory, open int
	for i := range count {
		something(i)
		if i%between == 0 {
			runtime.GC()
		}
		if i == count/5 { // all pools are filled
			settle()
			memory, open = residentKiB(t), openFiles(t)
		}
	}
	settle()
	grown := residentKiB(t) - memory
	t.Logf("%d: %d KiB more than after a fifth, %d files", count, grown, openFiles(t))
	// A reader takes kilobytes of C: what leaked of each would be far more than pools of the
	// runtime are.
	if grown > 16<<10 {
		t.Errorf("grown by %d KiB", grown)
	}
	if now := openFiles(t); now > open+2 {
		t.Errorf("%d open files, %d before", now, open)
	}
}

// settle waits until what is forgotten is freed, which goroutines of the runtime do.
func settle() {
	for range 5 {
		runtime.GC()
		time.Sleep(20 * time.Millisecond)
	}
}

func residentKiB(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	must(t, err)
	var size, resident int
	_, err = fmt.Sscan(string(text), &size, &resident)
	must(t, err)
	return resident * os.Getpagesize() / 1024
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(entries)
}
