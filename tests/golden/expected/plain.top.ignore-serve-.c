File: shop
Build ID: 0123abcd
Type: cpu
Time: 2023-11-14 22:13:20 UTC
Duration: 10s, Total samples = 110ms ( 1.10%)
Active filters:
   ignore=serve\.c
Showing nodes accounting for 10ms, 9.09% of 110ms total
      flat  flat%   sum%        cum   cum%
      10ms  9.09%  9.09%       10ms  9.09%  main
