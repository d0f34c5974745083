package tfckpt_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// Listing a million tensors takes a handful of calls of C.
func TestListingAMillionTensorsTakesAHandfulOfCalls(t *testing.T) {
	count := fewer(1_000_000)
	path := write(t, func(w *tfckpt.Writer) {
		for i := range count {
			must(t, tfckpt.Add(w, fmt.Sprintf("layer_%07d/kernel", i), tfckpt.Shape{2, 1}, []int8{1, 2}))
		}
	})
	r := open(t, path)
	calls, begin, listed := runtime.NumCgoCall(), time.Now(), 0
	for name, tensor := range r.All() {
		if name != fmt.Sprintf("layer_%07d/kernel", listed) || tensor.Shape.String() != "[2,1]" {
			t.Fatalf("%q: %+v", name, tensor)
		}
		listed++
	}
	calls = runtime.NumCgoCall() - calls
	t.Logf("%d tensors in %d calls of C, %v", listed, calls, time.Since(begin))
	if listed != count || calls > 32 {
		t.Errorf("%d tensors in %d calls of C", listed, calls)
	}
}
