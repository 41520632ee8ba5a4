module cpprof.test/server

go 1.19
