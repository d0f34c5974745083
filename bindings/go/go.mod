module github.com/tfckpt/tfckpt/bindings/go

go 1.24
