module sen

go 1.26
