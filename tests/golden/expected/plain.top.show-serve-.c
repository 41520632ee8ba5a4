File: shop
Build ID: 0123abcd
Type: cpu
Time: 2023-11-14 22:13:20 UTC
Duration: 10s, Total samples = 110ms ( 1.10%)
Active filters:
   show=serve\.c
Showing nodes accounting for 100ms, 90.91% of 110ms total
      flat  flat%   sum%        cum   cum%
     100ms 90.91% 90.91%      100ms 90.91%  serve
