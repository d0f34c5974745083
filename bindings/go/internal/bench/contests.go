package main

import (
	"context"
	"fmt"
	"path/filepath"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// contests are all cases. Their files are written here, and so in the page cache.
func contests(dir string, scale float64) []contest {
	scaled := func(count int) int { return max(1, int(float64(count)*scale)) }
	return []contest{
		read(dir, "read-1MiB", scaled(256), 1<<20, 1.05),
		read(dir, "read-16MiB", scaled(16), 16<<20, 1.05),
		readMany(dir, "read-many-1KiB", scaled(100_000), 1<<10),
		readManyNew(dir, "read-many-1KiB-new", scaled(100_000), 1<<10),
		list(dir, "list", scaled(1_000_000)),
	}
}

// write makes a checkpoint of tensors that are alike, once.
func write(dir string, count, size int) string {
	prefix := filepath.Join(dir, fmt.Sprintf("%dx%d", count, size))
	w, err := tfckpt.Create(prefix, tfckpt.WithSync(false), tfckpt.WithReplace(true))
	check(err)
	defer w.Abort()
	values := make([]byte, size)
	for i := range values {
		values[i] = byte(i * 7)
	}
	for i := range count {
		check(tfckpt.Add(w, nameOf(i), tfckpt.Shape{int64(size)}, values))
	}
	check(w.Finish())
	return prefix
}

func nameOf(i int) string { return fmt.Sprintf("layer_%07d/kernel", i) }

// memory is where values go, every page of it touched.
func memory(size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = 1
	}
	return data
}

func open(path string) *tfckpt.Reader {
	r, err := tfckpt.Open(path)
	check(err)
	return r
}

// read reads tensors one by one, into the same memory.
func read(dir, name string, count, size int, limit float64) contest {
	path, dst := write(dir, count, size), memory(size)
	names := make([]string, count)
	for i := range names {
		names[i] = nameOf(i)
	}
	return contest{
		name: name, limit: limit,
		c: func() { cRead(path, count, dst) },
		g: func() {
			r := open(path)
			defer r.Close()
			for _, name := range names {
				_, err := r.Read(name, dst)
				check(err)
			}
		},
	}
}

// readMany reads all tensors at once, each into memory of its own.
func readMany(dir, name string, count, size int) contest {
	path, dst := write(dir, count, size), memory(count*size)
	requests := make([]tfckpt.Request, count)
	for i := range requests {
		requests[i] = tfckpt.Request{Name: nameOf(i), Dst: memory(size)}
	}
	return contest{
		name: name, limit: 1.5,
		c: func() { cReadMany(path, count, size, dst) },
		g: func() {
			r := open(path)
			defer r.Close()
			check(r.ReadMany(context.Background(), requests))
		},
	}
}

// readManyNew finds out the sizes, and takes the memory.
func readManyNew(dir, name string, count, size int) contest {
	path := write(dir, count, size)
	requests := make([]tfckpt.Request, count)
	for i := range requests {
		requests[i].Name = nameOf(i)
	}
	return contest{
		name: name, limit: 1.5,
		c: func() { cReadManyNew(path, count) },
		g: func() {
			for i := range requests {
				requests[i].Dst = nil
			}
			r := open(path)
			defer r.Close()
			check(r.ReadMany(context.Background(), requests))
		},
	}
}

// list goes through all tensors and looks at each.
func list(dir, name string, count int) contest {
	path := write(dir, count, 1)
	return contest{
		name: name,
		c:    func() { cList(path, count) },
		g: func() {
			r := open(path)
			defer r.Close()
			elements := 0
			for _, tensor := range r.All() {
				check(tensor.Err())
				elements += int(tensor.Shape[0])
			}
			if elements != count {
				check(fmt.Errorf("%d tensors", elements))
			}
		},
	}
}
