package tfckpt_test

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// Every damaged checkpoint is an error with its status and its place.
func TestHostile(t *testing.T) {
	cases := hostile(t)
	if len(cases) < 100 {
		t.Fatalf("the manifest has %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := hostileTest{t, c}
			r, err := tfckpt.Open(data("hostile", c.prefix))
			if c.kind == "state" {
				h.expectState(err)
				return
			}
			h.expect(c.open, err)
			if err != nil {
				// Then it is also what is found when all of it is verified.
				h.expect(c.verify, err)
				return
			}
			defer r.Close()
			h.expectList(r)
			for _, row := range c.tensors {
				h.expectTensor(r, row)
			}
			h.expectReport(r)
		})
	}
}

type hostileTest struct {
	*testing.T
	hostileCase
}

func statusOf(err error) string {
	var code tfckpt.Code
	if !errors.As(err, &code) {
		return "OK"
	}
	return code.String()
}

func (t hostileTest) expectStatus(verdict string, err error) {
	t.Helper()
	if !allows(verdict, statusOf(err)) {
		t.Errorf("%v is not %s", err, verdict)
	}
}

// expect holds the outcome of an act against the verdict on it.
func (t hostileTest) expect(verdict string, err error) {
	t.Helper()
	t.expectStatus(verdict, err)
	var e *tfckpt.Error
	if !errors.As(err, &e) {
		return
	}
	if file, _ := filepath.Rel(data("hostile"), e.File); !allows(t.files, file) {
		t.Errorf("%v is about %s and not %s", err, file, t.files)
	}
}

func (t hostileTest) expectList(r *tfckpt.Reader) {
	failed := false
	for tensor, err := range r.List("") {
		if err != nil {
			failed = true
			t.expect(t.list, err)
		} else if tensor.Name == "" {
			t.Error("a tensor without a name")
		}
	}
	if !failed {
		t.expect(t.list, nil)
	}
	for name, tensor := range r.All() {
		if (name == "") != (tensor.Err() != nil) {
			t.Errorf("%q comes with %v", name, tensor.Err())
		}
	}
}

func (t hostileTest) content(r *tfckpt.Reader, name string) (string, error) {
	tensor, err := r.Lookup(name)
	if err != nil {
		return "", err
	}
	if tensor.HasStrings() {
		elements, err := r.ReadStrings(name)
		return digestStrings(elements), err
	}
	content, err := r.Read(name, nil)
	t.expectOtherWays(r, name, err)
	return digest(content), err
}

// expectOtherWays reads a tensor in the other ways that there are, with the same outcome.
func (t hostileTest) expectOtherWays(r *tfckpt.Reader, name string, err error) {
	t.Helper()
	many := r.ReadMany(t.Context(), []tfckpt.Request{{Name: name}})
	_, section := func() (int64, error) {
		s, err := r.Section(name)
		if err != nil {
			return 0, err
		}
		return s.WriteTo(discard{})
	}()
	for what, other := range map[string]error{"ReadMany": many, "Section": section, "Check": r.Check(name)} {
		if statusOf(other) != statusOf(err) {
			t.Errorf("%q: %s: %v, Read: %v", name, what, other, err)
		}
	}
	if view := r.View(name, func([]byte) error { return nil }); view == nil && err != nil {
		t.Errorf("%q can be viewed, but: %v", name, err)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func (t hostileTest) expectTensor(r *tfckpt.Reader, row hostileTensor) {
	_, err := r.Lookup(row.name)
	t.expect(row.info, err)
	sum, err := t.content(r, row.name)
	t.expect(row.read, err)
	var e *tfckpt.Error
	if errors.As(err, &e) {
		if e.Tensor != row.name {
			t.Errorf("%v is about %q, not %q", err, e.Tensor, row.name)
		}
	} else if row.sha256 != "-" && sum != row.sha256 {
		t.Errorf("%q has other content", row.name)
	}
}

// expectReport sees that the report has the right problems, and names all tensors that can't
// be read.
func (t hostileTest) expectReport(r *tfckpt.Reader) {
	report, err := tfckpt.Verify(t.Context(), r.Prefix())
	if err != nil {
		t.Fatal(err)
	}
	if report.OK() {
		t.expect(t.verify, nil)
	}
	for _, problem := range report.Problems {
		t.expect(t.verify, problem)
	}
	// Nobody knows which names a damaged part of the index had.
	if !allows(t.list, "OK") {
		return
	}
	for _, row := range t.tensors {
		names := func(problem *tfckpt.Error) bool { return problem.Tensor == row.name }
		if !allows(row.read, "OK") && !slices.ContainsFunc(report.Problems, names) {
			t.Errorf("nothing in the report is about %q", row.name)
		}
	}
}

// expectState is for a state file that leads nowhere.
func (t hostileTest) expectState(opened error) {
	t.expectStatus(t.list, opened)
	file := data("hostile", t.prefix)
	_, err := tfckpt.ReadState(filepath.Dir(file))
	t.expectStatus(t.open, err)
	var e *tfckpt.Error
	if errors.As(err, &e) && e.File != file {
		t.Errorf("%v is not about %s", err, file)
	}
	_, err = tfckpt.Latest(filepath.Dir(file))
	t.expectStatus(t.list, err)
}
